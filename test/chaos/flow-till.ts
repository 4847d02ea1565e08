import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Company } from './companies.js';
import type { Crew } from './crew.js';

/** An answer over REST. */
export interface Answer {
  status: number;
  body: any;
  location?: string;
}

/** A write of a till: its request and all answers. */
export interface Wanted {
  company: Company;
  /** What distinguishes its effect in the provider's journal. */
  intent: string;
  path: string;
  body: object;
  key: string;
  answers: Answer[];
}

/** Options of a write. */
export interface Sending {
  method?: 'POST' | 'PATCH';
  key?: string;
}

const WAIT_SECONDS = 2;
const AGAIN_MS = 400;
/** Longer than the restart of a killed process and its row's lease. */
const PATIENCE_MS = 240_000;
const SETTLING_MS = 6_000;

/** A merchant's till at one company: like any client, it repeats under its key until it gets an answer. */
export class Till {
  constructor(
    readonly crew: Pick<Crew, 'url'>,
    readonly apiKey: string,
    readonly company: Company,
    readonly wanted: Wanted[],
  ) {}

  /** A write, repeated until the outcome is known or some seconds have passed. */
  async write(intent: string, path: string, body: object, sending: Sending = {}): Promise<Answer> {
    const write = {
      company: this.company,
      intent,
      path,
      body,
      key: sending.key ?? randomUUID(),
      answers: [],
    };
    this.wanted.push(write);
    const answer = await this.repeat(write, sending.method);
    if (answer.status !== 202) return answer;
    const end = performance.now() + SETTLING_MS;
    for (let now = answer; ; now = await this.repeat(write, sending.method))
      if (now.status !== 202 || performance.now() > end) return now;
  }

  /** Repeats the request under its key. */
  async repeat(write: Wanted, method = 'POST'): Promise<Answer> {
    const headers = { 'idempotency-key': write.key, prefer: `wait=${WAIT_SECONDS}` };
    const answer = await this.#ask(method, write.path, headers, write.body);
    write.answers.push(answer);
    return answer;
  }

  read = (path: string): Promise<Answer> => this.#ask('GET', path, {});

  /** Resolves an operation that reconciliation could not settle. */
  resolve(operationId: string, outcome: 'executed' | 'not-executed'): Promise<Answer> {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { outcome, note: 'Seen in the books.' };
    return this.#ask('POST', `/v1/operations/${operationId}/resolve`, headers, body);
  }

  async #ask(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer> {
    const asked = {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        'gateway-connection': this.company.connection.id,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    };
    const failed: unknown[] = [];
    for (const end = performance.now() + PATIENCE_MS; ; await pause(AGAIN_MS)) {
      const answer = await tell(`${await this.crew.url()}${path}`, asked).catch(error => error as Error);
      if (!(answer instanceof Error) && (answer.status < 500 || answer.status === 501)) return answer;
      failed.push(
        answer instanceof Error ? ((answer.cause as Error | undefined) ?? answer).message : answer.body,
      );
      if (performance.now() > end) throw new Error(`${method} ${path}: ${JSON.stringify(failed)}`);
    }
  }
}

async function tell(url: string, asked: RequestInit): Promise<Answer> {
  const answer = await fetch(url, { ...asked, signal: AbortSignal.timeout(30_000) });
  const text = await answer.text();
  const location = answer.headers.get('location') ?? undefined;
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text), location };
}
