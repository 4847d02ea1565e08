import type { Sent } from '#outbound';
import { readRetryAfterMs } from './retry-after.js';

/** The receiver is too busy, and may say for how long. */
const BUSY = new Set([429, 503]);

/** The result of one attempt. `gone`: the receiver no longer wants events; `retryAfterMs`: it asked for a pause. Texts never quote the receiver. */
export type AttemptResult =
  | { kind: 'delivered'; lastStatus: number | null }
  | { kind: 'failed'; lastStatus: number | null; lastError: string; retryAfterMs?: number }
  | { kind: 'gone'; lastStatus: 410; lastError: string };

/** Interprets a webhook's answer: any 2xx is a delivery, 410 ends the subscription, everything else (redirects too) is a failure. */
export function resultOf(sent: Sent, now: Date): AttemptResult {
  if (sent.kind === 'answered') return judged(sent.answer, now);
  // The status has arrived and nothing else is needed: some receivers answer with a whole page.
  if (sent.kind === 'unanswered' && sent.status !== undefined)
    return judged({ status: sent.status, headers: {} }, now);
  return { kind: 'failed', lastStatus: null, lastError: sent.reason };
}

function judged(
  { status, headers }: { status: number; headers: Record<string, string> },
  now: Date,
): AttemptResult {
  if (status >= 200 && status < 300) return { kind: 'delivered', lastStatus: status };
  if (status === 410)
    return {
      kind: 'gone',
      lastStatus: 410,
      lastError: 'The receiver answered 410: it no longer wants events.',
    };
  const redirect = status >= 300 && status < 400 ? ' Redirects are not followed.' : '';
  const retryAfterMs = BUSY.has(status) ? readRetryAfterMs(headers['retry-after'], now) : 0;
  return {
    kind: 'failed',
    lastStatus: status,
    lastError: `The receiver answered ${status}.${redirect}`,
    retryAfterMs,
  };
}
