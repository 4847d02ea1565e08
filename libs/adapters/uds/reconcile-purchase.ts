import { send, Unanswered, Unreadable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { exact, Refusal } from '#canonical';
import type { Program, ProviderRefs, PurchaseAsk, PurchaseData } from '#canonical';
import { createOperation } from './create-purchase.js';
import { recentLedger } from './ledger.js';
import type { RecentLedger } from './ledger.js';
import { purchaseOf } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { numberOf, orderOf, pointsOf } from './order.js';
import type { Order } from './order.js';
import { calculate, priceReceipt } from './price.js';
import type { Price } from './price.js';
import { getSettings } from './program.js';
import { mayUseUndocumented } from './settings.js';

type PurchaseVerdict = Verdict<PurchaseData>;

/** The truth about a purchase whose answer was lost: look in the ledger, repeat once under the same nonce, look again. */
export const findPurchase: Reconcile<PurchaseAsk, PurchaseData> = {
  strategy: 'operations-list',
  *run(ask, context): PlanRun<PurchaseVerdict> {
    if (!mayUseUndocumented(context.settings))
      return {
        verdict: 'inconclusive',
        note: '`undocumentedCalls` is off: the ledger of UDS cannot be read.',
      };
    const first = yield* look(ask, context);
    if (first.verdict === 'executed' || context.repeats > 0) return first;
    const repeated = yield* repeat(ask, context);
    if (!repeated) return first;
    if (!(repeated instanceof Refusal)) return repeated;
    // Whatever a repeat is told (a used code is a 404, a used nonce may be anything), only the ledger knows.
    const second = yield* look(ask, context, repeated);
    return second.verdict === 'absent' ? { ...second, refusal: repeated } : second;
  },
};

function* look(ask: PurchaseAsk, context: ReconcileContext, refusal?: Refusal): PlanRun<PurchaseVerdict> {
  let ledger: RecentLedger;
  try {
    ledger = yield* recentLedger(context);
  } catch (error) {
    return { verdict: 'inconclusive', note: `The ledger cannot be read: ${wordsOf(error)}` };
  }
  const [found, ...others] = ledger.entries.filter(({ entry }) => fits(entry, ask));
  if (others.length > 0)
    return { verdict: 'inconclusive', note: 'Several operations bear this receipt number and total.' };
  if (!found) return ledger.complete ? nothing(ledger, ask) : tooLong;
  // A receipt number may come back (another day, another till); our own reference does not. A refused repeat
  // beside such an entry leaves no other reading either.
  const certain = found.when === 'after' || ask.receipt.number === undefined || refusal !== undefined;
  if (!certain)
    return { verdict: 'inconclusive', note: 'An operation fits, but was written before ours was sent.' };
  const result = purchaseOf(found.entry, {
    total: ask.receipt.total,
    points: pointsOf(ask),
    number: numberOf(ask),
  });
  return result
    ? { verdict: 'executed', result, evidence: 'strong' }
    : { verdict: 'inconclusive', note: 'The operation is there, but UDS does not tell its figures.' };
}

const tooLong: PurchaseVerdict = { verdict: 'inconclusive', note: 'More operations since than can be read.' };

function nothing({ entries }: RecentLedger, ask: PurchaseAsk): PurchaseVerdict {
  const perhaps = entries.some(
    ({ entry }) => entry.receiptNumber === undefined && resembles(entry, ask) && isBuyer(entry, ask),
  );
  if (!perhaps) return { verdict: 'absent' };
  return {
    verdict: 'inconclusive',
    note: 'An operation without a receipt number has this customer and total.',
  };
}

// CANCELED fits: it was booked, and given back later.
const fits = (entry: LedgerEntry, ask: PurchaseAsk): boolean =>
  entry.receiptNumber === numberOf(ask) && resembles(entry, ask) && isBuyer(entry, ask) !== false;

const resembles = ({ state, total }: LedgerEntry, ask: PurchaseAsk): boolean =>
  state !== 'reversal' && total !== undefined && exact(total).equals(ask.receipt.total.amount);

/** Whether it is the customer of the purchase; `undefined` where either side does not know. */
function isBuyer({ customer }: LedgerEntry, { subject }: PurchaseAsk): boolean | undefined {
  const uid = subject.identifier?.type === 'uid' ? subject.identifier.value : subject.refs?.uid;
  const known: ProviderRefs = { ...subject.refs, ...(uid && { uid }) };
  const shared = ['uid', 'participantId'].filter(name => known[name] && customer[name]);
  return shared.length === 0 ? undefined : shared.every(name => known[name] === customer[name]);
}

/** The same purchase under the same nonce: its verdict, the refusal that it was told, or nothing when it could not be sent. */
function* repeat(
  ask: PurchaseAsk,
  context: ReconcileContext,
): PlanRun<PurchaseVerdict | Refusal | undefined> {
  const order = context.nonce ? orderAgain(ask, context) : undefined;
  if (!order) return undefined;
  try {
    const result = yield* send(createOperation, order);
    if (result.warnings?.length === 0) return { verdict: 'executed', result, evidence: 'proof' };
  } catch (error) {
    // Only UDS itself can say no; a lane or a network that did not let the repeat through says nothing.
    if (error instanceof Refusal && error.members.provider) return error;
    if (!(error instanceof Refusal || error instanceof Unanswered || error instanceof Unreadable))
      throw error;
  }
  const again = yield* look(ask, context);
  return again.verdict === 'absent'
    ? { verdict: 'inconclusive', note: 'The repeat was not answered.' }
    : again;
}

// Byte for byte what was sent: only from what the plan had read then.
function orderAgain(ask: PurchaseAsk, { before }: ReconcileContext): Order | undefined {
  const program = before[getSettings.name] as Program | undefined;
  const price = (before[priceReceipt.name] ?? before[calculate.name]) as Price | undefined;
  const stranger = ask.subject.identifier?.type === 'phone';
  if (!program || (program.policy !== 'redeem-points' && !price && !stranger)) return undefined;
  return orderOf(ask, program, price);
}

const wordsOf = (error: unknown): string => {
  if (error instanceof Refusal || error instanceof Unanswered || error instanceof Unreadable)
    return error.message;
  throw error;
};
