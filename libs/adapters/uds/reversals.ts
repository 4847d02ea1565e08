import { exact } from '#canonical';
import type { RefundAsk } from '#canonical';
import type { LedgerEntry } from './operation.js';

/** Whether an entry of the ledger may be this refund. One with our purchase as its origin reverses it, whatever its sign and state; a reversal without an origin may be this one if its total fits. */
export function mayBeOurs(entry: LedgerEntry, ask: RefundAsk): boolean {
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
