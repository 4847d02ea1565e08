import { Patience } from './patience.js';
import type { RetryTerms } from './patience.js';
import type { Problem } from './types.js';

/** The way to a gateway. */
export interface Wire {
  /** Without a slash at its end. */
  baseUrl: string;
  /** On every request. */
  headers: Record<string, string>;
  fetch: (request: Request) => Promise<Response>;
  retry: RetryTerms;
  /** For everything that one call does, in milliseconds. */
  waitMs: number;
  /** What an answer may take on its way, beside the time that the gateway was asked to wait; milliseconds. */
  timeoutMs: number;
}

/** Sends once. Rejects unless the answer came as a whole: half an answer is a lost one. */
export async function send(wire: Wire, request: Request, timeoutMs: number): Promise<Response> {
  const late = new AbortController();
  const tooLate = () => late.abort(new DOMException(`No answer in ${timeoutMs} ms.`, 'TimeoutError'));
  const timer = setTimeout(tooLate, timeoutMs);
  const signal = AbortSignal.any([request.signal, late.signal]);
  try {
    // A redirected POST would become a GET, or go to somebody else with our key.
    const response = await wire.fetch(new Request(request, { redirect: 'manual', signal }));
    // A stream has no whole; whoever reads it ends it.
    if (isStream(response)) return response;
    const body = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
  } finally {
    clearTimeout(timer);
  }
}

/** A `fetch` that repeats what may be repeated: `retryable` problems, and lost answers of calls that a repeat cannot harm. */
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
  // "Repeat it to learn the outcome" is said to whoever has a key.
  return problem.retryable && (problem.outcome === 'not-executed' || isHarmless(request));
}

/** Whether a proxy that says this may say something else a moment later. */
export const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429;

/** The gateway's problem document that an answer is; undefined when it is none, or a proxy's. The answer can still be read. */
export async function problemOf(response: Response): Promise<Problem | undefined> {
  if (!/^application\/problem\+json\b/.test(response.headers.get('content-type') ?? '')) return undefined;
  const said = (await response
    .clone()
    .json()
    .catch(() => undefined)) as Problem | undefined;
  return said?.code !== undefined && said.outcome !== undefined ? said : undefined;
}

const READS = /\/v1\/(customers\/lookup|quotes)$/;
/** The gateway's own patience where the caller says nothing. */
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
