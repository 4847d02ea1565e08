import { inconclusive, isFailedExchange, send, undecided, unprovable, unread } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { ErrorCode, Program, PurchaseAsk, PurchaseData } from '#canonical';
import { createOperation } from './create-purchase.js';
import { hasTime, NoLedger, recentLedger } from './ledger.js';
import type { RecentLedger, SeenEntry } from './ledger.js';
import { notTransmitted } from './not-transmitted.js';
import { contradictions, purchaseOf } from './operation.js';
import type { LedgerEntry, SentPurchase } from './operation.js';
import { numberOf, orderOf, pointsOf } from './order.js';
import type { Order } from './order.js';
import { calculate, priceReceipt } from './price.js';
import type { Price } from './price.js';
import { getSettings } from './program.js';
import {
  anyBuyer,
  either,
  noLedger,
  noLedgerNow,
  otherFigures,
  otherSale,
  recordedBefore,
  several,
  tooLong,
  undated,
} from './purchase-verdicts.js';
import type { PurchaseVerdict } from './purchase-verdicts.js';
import { mayBeNumber } from './receipt-number.js';
import { changedByNoSale, isAboutAccess } from './refusals.js';
import { mayUseUndocumented } from './settings.js';
import { fits, isBuyer, resembles, soughtBy } from './sought-purchase.js';
import type { Sought } from './sought-purchase.js';

/** Reconciles a purchase whose answer was lost: look it up in the ledger, repeat it with the same nonce, look it up again. While the ledger does not decide, it is repeated until UDS answers, and then only looked up. */
export const findPurchase: Reconcile<PurchaseAsk, PurchaseData> = {
  strategy: 'operations-list',
  *run(ask, context): PlanRun<PurchaseVerdict> {
    if (!mayUseUndocumented(context.settings))
      return unprovable('`undocumentedCalls` is off, so the UDS ledger cannot be read.');
    const verdict = yield* find(ask, context);
    if (verdict.verdict !== 'executed') return verdict;
    const { result } = verdict;
    return {
      ...verdict,
      result: { ...result, warnings: [...(result.warnings ?? []), ...notTransmitted(ask)] },
    };
  },
};

function* find(ask: PurchaseAsk, context: ReconcileContext): PlanRun<PurchaseVerdict> {
  const first = yield* searchLedger(ask, context, isSoon(context) ? context.refused : undefined);
  if (first === noLedger) return undecided(noLedger.note!, context);
  if (first.verdict === 'executed' || first === noLedgerNow) return first;
  // Something is booked under our nonce, so nothing may be called absent.
  if (context.contradicted) return undecided(otherFigures, context);
  if (!mayRepeat(first, context)) return first;
  const repeated = yield* repeat(ask, context);
  if (!repeated) return first;
  if (!(repeated instanceof Refusal)) return repeated;
  // A refusal of the repeat proves nothing (a used code is a 404, a used nonce may be anything): only the ledger does.
  const second = yield* searchLedger(ask, context, repeated.code);
  return second.verdict === 'executed' ? second : { ...second, refusal: repeated };
}

// UDS may not have answered the last repeat, so each is sent more than twice as late as the one before. One that it refused, it
// would refuse again: the first request has used up what the sale needs, or the sale is not possible.
function mayRepeat(first: PurchaseVerdict, context: ReconcileContext): boolean {
  if (context.repeats === 0) return true;
  if (first.verdict === 'absent' || context.refused || !isSoon(context)) return false;
  const { now, firstSentAt, lastSentAt } = context;
  return now.getTime() - firstSentAt.getTime() > 2 * (lastSentAt.getTime() - firstSentAt.getTime());
}

/** How long after its first send a repeat of a purchase, or its refusal, still tells something, in milliseconds: later, its cashier has ended the sale in another way. */
const REPEATED_FOR_MS = 10 * 60_000;
const isSoon = ({ now, firstSentAt }: ReconcileContext): boolean =>
  now.getTime() - firstSentAt.getTime() <= REPEATED_FOR_MS;

function* searchLedger(
  ask: PurchaseAsk,
  context: ReconcileContext,
  refused?: ErrorCode,
): PlanRun<PurchaseVerdict> {
  let ledger: RecentLedger;
  try {
    ledger = yield* recentLedger(context);
  } catch (error) {
    if (error instanceof NoLedger) return error.mayPass ? noLedgerNow : noLedger;
    if (!isFailedExchange(error)) throw error;
    return unread(`The ledger could not be read: ${error.message}`);
  }
  const free = withoutKnown(ledger, ask);
  const sale = { sought: soughtBy(ask, priceThen(context)), sent: sentThen(ask, context) };
  const [found, ...others] = free.entries.filter(({ entry }) => fits(entry, sale.sought));
  if (others.length > 0) return several;
  return found ? judge(found, sale, isOwnEffect(refused, context)) : judgeNone(free, sale, context);
}

// A till may use the same number twice; an entry known to belong to another purchase is not this one.
function withoutKnown({ entries, earlier, complete }: RecentLedger, ask: PurchaseAsk): RecentLedger {
  const isFree = ({ id }: LedgerEntry): boolean => id === undefined || !ask.knownPurchaseIds?.includes(id);
  return { entries: entries.filter(({ entry }) => isFree(entry)), earlier: earlier.filter(isFree), complete };
}

/** The purchase as it is looked for, and the values that were sent for it. */
interface Sale {
  sought: Sought;
  sent: SentPurchase;
}

/** The only entry that fits; `isOwn` = the refusal of a repeat shows that it is the effect of the first request. */
function judge({ entry, when }: SeenEntry, { sought, sent }: Sale, isOwn: boolean): PurchaseVerdict {
  const { ask } = sought;
  // A receipt number may be reused (another day, another till); our own reference is not.
  const isTillsNumber = ask.receipt.number !== undefined;
  if (!isOwn) {
    if (ask.twinInDoubt) return either;
    if (isTillsNumber && when !== 'after') return hasTime(entry) ? recordedBefore : undated;
    if (isTillsNumber && !isBuyer(entry, sought)) return anyBuyer;
  }
  const result = purchaseOf(entry, sent);
  if (!result) return inconclusive('The operation was found, but UDS did not return its amounts.');
  // Another till may give its sale the same number and total; the points and the cash tell it from ours.
  if (isTillsNumber && result.warnings?.length) return otherSale;
  return { verdict: 'executed', result, evidence: 'strong' };
}

function judgeNone(ledger: RecentLedger, sale: Sale, { denied }: ReconcileContext): PurchaseVerdict {
  // What was sent once, and refused, was not booked long before.
  if (!denied && ledger.earlier.some(entry => mayBeLate(entry, sale))) return recordedBefore;
  if (!ledger.complete) return tooLong;
  if (!ledger.entries.some(seen => mayBeOurs(seen, sale.sought))) return { verdict: 'absent' };
  return inconclusive(
    'An operation may be this one: nothing in its customer, receipt number and total rules it out, or only the total differs.',
  );
}

// The clock of the ledger may be behind by more than minutes. Under a till's number, which is used again every day, only a sale
// with our points and cash counts.
const mayBeLate = (entry: LedgerEntry, { sought, sent }: Sale): boolean =>
  fits(entry, sought) &&
  (sought.ask.receipt.number === undefined || contradictions(entry, sent).length === 0);

function sentThen(ask: PurchaseAsk, context: ReconcileContext): SentPurchase {
  return (
    orderAgain(ask, context) ?? { total: ask.receipt.total, points: pointsOf(ask), number: numberOf(ask) }
  );
}

// A code can only be used once: if the repeat was refused for a reason that a sale brings about, other than the number, the reason
// is the effect of the first request. Unless that was refused as well: then both may have been for the same reason.
const isOwnEffect = (refused: ErrorCode | undefined, { denied }: ReconcileContext): boolean =>
  refused !== undefined && refused !== 'duplicate-reference' && !changedByNoSale.includes(refused) && !denied;

// For a sale by code alone the customer is not known, so such an operation may be ours. If it has our own number and may have
// been written after the send, another total is more likely a calculation of UDS than another sale.
function mayBeOurs({ entry, when }: SeenEntry, sought: Sought): boolean {
  if (entry.state === 'reversal' || isBuyer(entry, sought) === false) return false;
  const { receiptNumber: theirs, total } = entry;
  const ours = numberOf(sought.ask);
  if (theirs === ours && (when === 'after' || entry.zoneless)) return true;
  return (
    (theirs === undefined || mayBeNumber(theirs, ours)) && (total === undefined || resembles(entry, sought))
  );
}

const priceThen = ({ before }: ReconcileContext): Price | undefined =>
  (before[priceReceipt.name] ?? before[calculate.name]) as Price | undefined;

/** Repeats the purchase with the same nonce: returns its verdict, its refusal, or nothing if it could not be sent. */
function* repeat(
  ask: PurchaseAsk,
  context: ReconcileContext,
): PlanRun<PurchaseVerdict | Refusal | undefined> {
  const order = context.nonce ? orderAgain(ask, context) : undefined;
  if (!order) return undefined;
  let contradicted: true | undefined;
  try {
    const result = yield* send(createOperation, order);
    if (result.warnings?.length === 0) return { verdict: 'executed', result, evidence: 'proof' };
    contradicted = true;
  } catch (error) {
    // Only a refusal of the sale by UDS counts; if the lane or the network stopped the repeat, or the key, that proves nothing.
    if (error instanceof Refusal && !isAboutAccess(error.members.provider?.status)) return error;
    if (!isFailedExchange(error)) throw error;
  }
  const again = yield* searchLedger(ask, context);
  if (contradicted && again.verdict !== 'executed') return { ...inconclusive(otherFigures), contradicted };
  return again.verdict === 'absent' ? inconclusive('The repeated request got no answer.') : again;
}

// Byte for byte the sent request: built only from the results that the plan had then.
function orderAgain(ask: PurchaseAsk, context: ReconcileContext): Order | undefined {
  const program = context.before[getSettings.name] as Program | undefined;
  const price = priceThen(context);
  const stranger = ask.subject.identifier?.type === 'phone';
  if (!program || (program.policy !== 'redeem-points' && !price && !stranger)) return undefined;
  return orderOf({ ask, program, price });
}
