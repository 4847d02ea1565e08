import type { Patience } from './patience.js';
import type { Operation, Problem } from './types.js';
import { isPassing, problemOf, send } from './wire.js';
import type { Wire } from './wire.js';

/** A write as it is sent: every retry has the same bytes. */
export interface SentWrite {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The result of one attempt. */
export type Attempt =
  | { kind: 'done'; status: number; resource: unknown; replayed: boolean }
  | { kind: 'running'; operation: Operation }
  | { kind: 'problem'; problem: Problem; retryAfter: string | null }
  /** No answer, a partial one, or one that is not the gateway's; `again` = a retry makes sense. */
  | { kind: 'lost'; cause: unknown; again: boolean };

/** The longest wait that one request asks for: a lost answer must leave time for a retry. */
const LONGEST_WAIT_S = 10;
/** Reserved for the network round trip. */
const MARGIN_MS = 500;

/** Sends a write once, and has the gateway wait for its outcome as long as the caller's patience allows. */
export async function attempt(
  wire: Wire,
  { url, headers, body }: SentWrite,
  patience: Patience,
): Promise<Attempt> {
  const waitS = Math.min(LONGEST_WAIT_S, Math.max(0, Math.floor((patience.leftMs - MARGIN_MS) / 1000)));
  const request = new Request(url, {
    method: 'POST',
    headers: { ...headers, prefer: `wait=${waitS}` },
    body,
    signal: patience.signal,
  });
  const timeoutMs = Math.min(waitS * 1000 + wire.timeoutMs, patience.lookMs);
  try {
    return await read(await send(wire, request, Math.ceil(timeoutMs)));
  } catch (cause) {
    return { kind: 'lost', cause, again: true };
  }
}

async function read(response: Response): Promise<Attempt> {
  const problem = await problemOf(response);
  const { status, headers } = response;
  if (problem) return { kind: 'problem', problem, retryAfter: headers.get('retry-after') };
  if (!response.ok || !/^application\/json\b/.test(headers.get('content-type') ?? '')) {
    // A proxy's page. A retry will not change its 4xx.
    const cause = new Error(`HTTP ${status} is not an answer of the gateway.`);
    return { kind: 'lost', cause, again: status < 300 || isPassing(status) };
  }
  const answer: unknown = await response.json();
  if (status === 202) return { kind: 'running', operation: answer as Operation };
  return { kind: 'done', status, resource: answer, replayed: headers.get('idempotency-replayed') === 'true' };
}
