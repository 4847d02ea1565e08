import { Patience } from './patience.js';
import type { RetryTerms } from './patience.js';
import type { Problem } from './types.js';

/** How requests reach a gateway. */
export interface Wire {
  /** Without a trailing slash. */
  baseUrl: string;
  /** On every request. */
  headers: Record<string, string>;
  fetch: (request: Request) => Promise<Response>;
  retry: RetryTerms;
  /** The time for one call including all its retries, in milliseconds. */
  waitMs: number;
  /** The time that an answer may take on the network, on top of the requested wait, in milliseconds. */
  timeoutMs: number;
}

/** Sends a request once. Rejects unless the complete answer arrived: a partial answer is a lost one. */
export async function send(wire: Wire, request: Request, timeoutMs: number): Promise<Response> {
  const late = new AbortController();
  const tooLate = () => late.abort(new DOMException(`No answer in ${timeoutMs} ms.`, 'TimeoutError'));
  const timer = setTimeout(tooLate, timeoutMs);
  const signal = AbortSignal.any([request.signal, late.signal]);
  try {
    // A redirected POST would become a GET, or send our key to another server.
    const response = await wire.fetch(new Request(request, { redirect: 'manual', signal }));
    // A stream is never complete; its reader ends it.
    if (isStream(response)) return response;
    const body = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
  } finally {
    clearTimeout(timer);
  }
}

/** A `fetch` that retries what is safe to retry: `retryable` problems, and lost answers of calls that may be repeated. */
export const repeatingFetch =
  (wire: Wire) =>
  async (request: Request): Promise<Response> => {
    const patience = new Patience(wire.retry, wire.waitMs, request.signal);
    for (;;) {
      const timeoutMs = waitedMs(request) + wire.timeoutMs;
      try {
        const response = await send(wire, request.clone(), timeoutMs);
        const again = mayComeAgain(request, response, await problemOf(response));
        if (!again || !(await patience.again(response.headers.get('retry-after')))) return response;
      } catch (error) {
        if (!isHarmless(request) || !(await patience.again())) throw error;
      }
    }
  };

function mayComeAgain(request: Request, { status }: Response, problem: Problem | undefined): boolean {
  if (!problem) return isPassing(status) && isHarmless(request);
  // "Repeat it to find out the outcome" is meant for calls with a key.
  return problem.retryable && (problem.outcome === 'not-executed' || isHarmless(request));
}

/** Whether this status of a proxy may be temporary. */
export const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429;

/** The gateway's problem document in an answer; undefined if there is none. The answer can still be read afterwards. */
export async function problemOf(response: Response): Promise<Problem | undefined> {
  if (!/^application\/problem\+json\b/.test(response.headers.get('content-type') ?? '')) return undefined;
  const said = (await response
    .clone()
    .json()
    .catch(() => undefined)) as Problem | undefined;
  return said?.code !== undefined && said.outcome !== undefined ? said : undefined;
}

const READS = /\/v1\/(customers\/lookup|quotes)$/;
/** How long the gateway waits by default. */
const USUAL_WAIT_MS = 4_000;

const isStream = ({ headers }: Response): boolean =>
  /^text\/event-stream\b/.test(headers.get('content-type') ?? '');

function isHarmless({ method, url, headers }: Request): boolean {
  return method === 'GET' || headers.has('idempotency-key') || READS.test(new URL(url).pathname);
}

function waitedMs({ headers }: Request): number {
  const [, seconds] = /\bwait="?(\d+)/.exec(headers.get('prefer') ?? '') ?? [];
  return seconds === undefined ? USUAL_WAIT_MS : Number(seconds) * 1000;
}
