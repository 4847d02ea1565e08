import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { Ask, TestGateway, Told } from '../../support/gateway.js';
import { oldTill } from '../../support/old-till.js';
import type { OldTill } from '../../support/old-till.js';
import type { World } from '../../support/world.js';
import { calls } from '../../fuzz/api-document.js';
import { undocumented } from '../../fuzz/documented-answer.js';

/** One request as the provider saw it: method, path and query in one line, then its body. */
export type Wire = [line: string, body?: unknown];

/** Calls the REST API and checks the requests that one provider call should make. */
export type Exercise = (till: Till) => Promise<void>;

/** A route that was called, and how many operations that made. */
interface Visit {
  route: string;
  operations: number;
}

/** A caller at one connection that can inspect the provider's requests. */
export class Till {
  readonly visits: Visit[] = [];
  #seen = 0;

  constructor(
    readonly world: World,
    private readonly gateway: TestGateway,
    readonly connection: OpenConnection,
  ) {}

  get = (path: string): Promise<Told> => this.ask({ method: 'GET', path });
  post = (path: string, body?: unknown): Promise<Told> => this.ask({ method: 'POST', path, body });
  put = (path: string, body: unknown): Promise<Told> => this.ask({ method: 'PUT', path, body });
  patch = (path: string, body: unknown): Promise<Told> => this.ask({ method: 'PATCH', path, body });
  delete = (path: string): Promise<Told> => this.ask({ method: 'DELETE', path });

  /** Calls with the connection and a new key. */
  ask = async (asked: Ask): Promise<Told> => {
    const before = await this.operations();
    const told = await this.gateway.ask({
      ...asked,
      headers: {
        'gateway-connection': this.connection.id,
        'idempotency-key': randomUUID(),
        prefer: 'wait=20',
        ...asked.headers,
      },
    });
    const route = `${asked.method ?? 'GET'} ${asked.path.split('?')[0]}`;
    const call = calls.find(({ method, path }) => leadsTo(`${method} ${path}`, route))!;
    expect(undocumented(call, told), route).toBeUndefined();
    this.visits.push({ route, operations: (await this.operations()) - before });
    return told;
  };

  /** A till of the v1 façade at the same connection. */
  old = (): Promise<OldTill> => oldTill({ ...this.gateway, ask: this.ask }, this.connection);

  /** Expects exactly these requests at the provider since the last check. */
  async sent(...expected: Wire[]): Promise<void> {
    const { data } = await this.world.control(
      `journal?provider=${this.connection.provider}&since=${this.#seen}`,
    );
    this.#seen = data.at(-1)?.seq ?? this.#seen;
    expect(data.map(wireOf)).toEqual(expected.map(([line, body]) => ({ line, body })));
  }

  /** The number of operations of the connection. */
  async operations(): Promise<number> {
    const [row] = await this.world.core.database.source.query(
      'select count(*)::int as count from operations where connection_id = $1',
      [this.connection.id],
    );
    return row.count;
  }
}

/** Whether a request line matches a route. */
export const leadsTo = (route: string, line: string): boolean =>
  new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`).test(line);

interface Line {
  method: string;
  path: string;
  query: string;
  body?: string;
}

function wireOf({ method, path, query, body }: Line): { line: string; body: unknown } {
  const told = query.replace(/^\?/, '');
  return { line: `${method} ${path}${told && `?${told}`}`, body: said(body) };
}

// Parses JSON or form fields.
function said(body: string | undefined): unknown {
  if (!body) return undefined;
  return /^[[{]/.test(body) ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}
