import type { Outcome } from '../states.js';

/** One row of the errors table: everything that a code means. */
export type ErrorRow = {
  /** HTTP status. */
  status: number;
  /** Whether repeating the same request with the same key may succeed. */
  retryable: boolean;
  /** The outcome of the effect, unless the refusal overrides it. */
  outcome: Outcome;
  /** The kind of problem, in a few English words that never change. */
  title: string;
  /** The default sentence for the developer: what is wrong and what to do. */
  detail: string;
  /** The sentence for the cashier's screen. */
  userMessage: { ru: string; en: string };
};

/** Builds rows with the same status: refused before any effect, and not retryable. */
export function refusedWith<Code extends string>(
  status: number,
  rows: Record<Code, Pick<ErrorRow, 'title' | 'detail' | 'userMessage'> & Partial<ErrorRow>>,
): Record<Code, ErrorRow> {
  const defaults = { status, retryable: false, outcome: 'not-executed' as const };
  return Object.fromEntries(
    Object.entries<object>(rows).map(([code, row]) => [code, { ...defaults, ...row }]),
  ) as Record<Code, ErrorRow>;
}
