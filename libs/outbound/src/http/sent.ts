import type { WireAnswer } from '#adapter-kit';
import { BrokenAnswer, TooLarge } from './body.js';
import { EgressRefused } from './egress-guard.js';

/** A request that is ready for the wire: host, credentials and all. */
export interface OutgoingRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** For everything, from the call to the last byte of the answer. */
  timeoutMs: number;
  /** Cap on the answer's body, as it came and unpacked; 2 MiB unless told. */
  maxBytes?: number;
  /** Called once with `performance.now()` when the whole request was handed to the system, and whether the connection was opened for it. */
  onWritten?(at: number, opened: boolean): void;
}

/** What became of a request; times are `performance.now()` of this process or milliseconds. Reasons are sentences without address, secret or content. */
export type Sent =
  | {
      /** A whole answer came, whatever its status. */
      kind: 'answered';
      answer: WireAnswer;
      /** When the last byte of the request was handed to the system. */
      writtenAt: number;
      /** From the call to the last byte of the answer. */
      durationMs: number;
      /** Size of the body, unpacked. */
      bytes: number;
      /** The provider's own clock, for skew. */
      dateHeader?: string;
    }
  /** Certain: no byte of the request left, since no connection ever stood. */
  | { kind: 'not-sent'; reason: string; overdue?: true; durationMs: number }
  /** The connection stood and no believable answer came: the request was perhaps carried out. `status`: of an answer that was too large to be read. `overdue`: the request's own time was over. */
  | {
      kind: 'unanswered';
      reason: string;
      overdue?: true;
      tooLarge?: true;
      status?: number;
      writtenAt?: number;
      durationMs: number;
    };

/** A deadline of ours passed; the message is the sentence to show. */
export class DeadlinePassed extends Error {}

/** Why no connection came to stand. */
export function whyNotSent(error: unknown): string {
  const own = ownSentence(error);
  if (own !== undefined) return own;
  const code = codeOf(error);
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL|ETIMEOUT)/.test(code))
    return 'The host name could not be resolved.';
  if (code === 'ECONNREFUSED') return 'The connection was refused.';
  return `No connection could be made${code && ` (${code})`}.`;
}

/** Why there is no answer to believe, although the connection stood. */
export function whyUnanswered(error: unknown): string {
  const own = ownSentence(error);
  if (own !== undefined) return own;
  if (codeOf(error).startsWith('HPE_')) return 'The answer is not valid HTTP.';
  return 'The connection was closed before an answer came.';
}

/** Whether the request's own time was over. */
export const isOverdue = (error: unknown): boolean =>
  [...causes(error)].some(cause => cause instanceof DeadlinePassed);

/** The status of an answer of which more came than is read. */
export const tooLargeStatus = (error: unknown): number | undefined =>
  [...causes(error)].find(cause => cause instanceof TooLarge)?.status;

// Only these carry a text of ours; any other message may hold addresses, or bytes of the answer.
function ownSentence(error: unknown): string | undefined {
  for (const cause of causes(error))
    if (cause instanceof DeadlinePassed || cause instanceof BrokenAnswer || cause instanceof EgressRefused)
      return cause.message;
  return undefined;
}

function codeOf(error: unknown): string {
  for (const cause of causes(error)) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return code;
  }
  return '';
}

function* causes(error: unknown): Generator<Error> {
  for (let cause = error; cause instanceof Error; cause = cause.cause) yield cause;
}
