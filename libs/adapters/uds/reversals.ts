import { exact } from '#canonical';
import type { RefundAsk } from '#canonical';
import type { LedgerEntry } from './operation.js';

/** Whether an entry of the ledger may be this refund. UDS gives back what was asked for, or less where less was left: a reversal of more is another one. */
export const mayBeOurs = (entry: LedgerEntry, ask: RefundAsk): boolean =>
  reverses(entry, ask) &&
  !exact(entry.total ?? '0')
    .abs()
    .gt(ask.amount.amount);

/** Whether an entry may reverse our purchase, and is not known yet. One with the purchase as its origin does, whatever its sign and state; a reversal without an origin may if its total is that of this refund. */
export function reverses(entry: LedgerEntry, ask: RefundAsk): boolean {
  if (entry.id && ask.knownRefundIds?.includes(entry.id)) return false;
  if (entry.originId !== undefined) return entry.originId === ask.providerOperationId;
  return entry.state === 'reversal' && isWhole(entry, ask);
}

/** Whether an entry is about the amount of this refund. */
export const isWhole = ({ total }: LedgerEntry, { amount }: RefundAsk): boolean =>
  total !== undefined && exact(total).abs().equals(amount.amount);

/** Whether an older entry may be this refund all the same: the clock of the ledger may be behind by more than minutes. One of another amount was made by hand. */
export const mayBeLate = (entry: LedgerEntry, ask: RefundAsk): boolean =>
  entry.originId !== undefined && mayBeOurs(entry, ask) && (entry.total === undefined || isWhole(entry, ask));
