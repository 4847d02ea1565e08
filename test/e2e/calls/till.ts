import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { Ask, TestGateway, Told } from '../../support/gateway.js';
import { oldTill } from '../../support/old-till.js';
import type { OldTill } from '../../support/old-till.js';
import type { World } from '../../support/world.js';
import { calls } from '../../fuzz/api-document.js';
import { undocumented } from '../../fuzz/documented-answer.js';

/** One request as the provider saw it: method, path and query in one line, then what its body said. */
export type Wire = [line: string, body?: unknown];

/** Exercises one provider call through the REST API and says what must have been sent for it. */
export type Exercise = (till: Till) => Promise<void>;

/** A home that was asked, and how many operations that made. */
interface Visit {
  route: string;
  operations: number;
}

/** Somebody who asks the gateway at one connection, and looks over the provider's shoulder meanwhile. */
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

  /** Asks, with the connection and a fresh key. */
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

  /** Exactly these requests reached the provider since this was asked last. */
  async sent(...expected: Wire[]): Promise<void> {
    const { data } = await this.world.control(
      `journal?provider=${this.connection.provider}&since=${this.#seen}`,
    );
    this.#seen = data.at(-1)?.seq ?? this.#seen;
    expect(data.map(wireOf)).toEqual(expected.map(([line, body]) => ({ line, body })));
  }

  /** How many operations the connection has. */
  async operations(): Promise<number> {
    const [row] = await this.world.core.database.source.query(
      'select count(*)::int as count from operations where connection_id = $1',
      [this.connection.id],
    );
    return row.count;
  }
}

/** Whether a request's line is one of a route's. */
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

// JSON where it is JSON, else the fields of a form.
function said(body: string | undefined): unknown {
  if (!body) return undefined;
  return /^[[{]/.test(body) ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}
