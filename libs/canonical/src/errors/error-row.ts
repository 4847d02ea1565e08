import type { Outcome } from '../states.js';

/** One row of the errors table: all that a code means. */
export type ErrorRow = {
  /** HTTP status. */
  status: number;
  /** True when the same request with the same key is worth repeating as it is. */
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

/** Builds rows that share a status: refused before any effect, and not worth repeating unchanged. */
export function refusedWith<Code extends string>(
  status: number,
  rows: Record<Code, Pick<ErrorRow, 'title' | 'detail' | 'userMessage'> & Partial<ErrorRow>>,
): Record<Code, ErrorRow> {
  const defaults = { status, retryable: false, outcome: 'not-executed' as const };
  return Object.fromEntries(
    Object.entries<object>(rows).map(([code, row]) => [code, { ...defaults, ...row }]),
  ) as Record<Code, ErrorRow>;
}
