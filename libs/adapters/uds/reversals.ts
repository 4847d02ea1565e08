import { exact } from '#canonical';
import type { RefundAsk } from '#canonical';
import { ROUNDING } from './amounts.js';
import type { RecentLedger, SeenEntry } from './ledger.js';
import type { LedgerEntry } from './operation.js';

/** The new entries that may be this refund. One of less may be only where nothing is left of the purchase, or nobody knows. */
export function oursAmong(ledger: RecentLedger, ask: RefundAsk): SeenEntry[] {
  const ours = ledger.entries.filter(({ entry }) => mayBeOurs(entry, ask));
  return isSomeLeft(ledger, ask) ? ours.filter(({ entry }) => isNearlyOfAmount(entry, ask)) : ours;
}

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
  return entry.state === 'reversal' && isOfAmount(entry, ask);
}

/** Whether an entry is about the amount of this refund. */
export const isOfAmount = ({ total }: LedgerEntry, { amount }: RefundAsk): boolean =>
  total !== undefined && exact(total).abs().equals(amount.amount);

/** Whether an older entry may be this refund all the same: the clock of the ledger may be behind by more than minutes. One of another amount was made by hand. */
export const mayBeLate = (entry: LedgerEntry, ask: RefundAsk): boolean =>
  entry.originId !== undefined &&
  mayBeOurs(entry, ask) &&
  (entry.total === undefined || isOfAmount(entry, ask));

const isNearlyOfAmount = ({ total }: LedgerEntry, { amount }: RefundAsk): boolean =>
  exact(total!).abs().minus(amount.amount).abs().lte(ROUNDING);

// Whether the ledger shows the purchase with all of its reversals, each with its total, and they leave something of it: so UDS
// gave back whatever it was asked for, and nothing less.
function isSomeLeft({ entries, earlier, complete }: RecentLedger, ask: RefundAsk): boolean {
  const seen = [...entries.map(({ entry }) => entry), ...earlier];
  if (!complete || !seen.some(({ id }) => id === ask.providerOperationId)) return false;
  const reversals = seen.filter(({ state, originId }) =>
    originId === undefined ? state === 'reversal' : originId === ask.providerOperationId,
  );
  // One without a purchase may be of this one.
  if (reversals.some(({ total, originId }) => total === undefined || originId === undefined)) return false;
  const left = reversals.reduce(
    (rest, { total }) => rest.minus(exact(total!).abs()),
    exact(ask.total.amount),
  );
  return left.gt(ROUNDING);
}
