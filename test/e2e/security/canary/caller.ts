import { randomUUID } from 'node:crypto';
import { startSecrets } from './marks.js';

/** A raw answer. */
export interface Answer {
  status: number;
  text: string;
  body: any;
}

/** Options of a request. */
export interface Extra {
  connection?: string;
  body?: unknown;
  key?: string;
  prefer?: string;
  headers?: Record<string, string>;
}

/** A client of the gateway that collects every problem it gets. */
export class Caller {
  readonly problems: string[] = [];
  readonly statuses = new Map<number, number>();

  constructor(private readonly url: string) {}

  get(path: string, extra: Extra = {}): Promise<Answer> {
    return this.ask('GET', path, extra);
  }

  post(path: string, body: unknown, extra: Extra = {}): Promise<Answer> {
    return this.ask('POST', path, { ...extra, body });
  }

  async ask(
    method: string,
    path: string,
    { connection, body, key, prefer, headers }: Extra,
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key ?? startSecrets.bootstrapKey}`,
        ...(connection && { 'gateway-connection': connection }),
        ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
        prefer: prefer ?? 'wait=20',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const told = isJson && text !== '' ? JSON.parse(text) : undefined;
    if (status >= 400) this.problems.push(text);
    // An operation contains the problem that it ended with.
    if (told?.problem) this.problems.push(JSON.stringify(told.problem));
    return { status, text, body: told };
  }
}
