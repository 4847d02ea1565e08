import { Refusal, compareMoney, isZeroPoints, noFieldFor, otherThanExpected, zeroMoney } from '#canonical';
import type { PurchaseAsk, PurchaseData, Warning } from '#canonical';
import { send, steps, unlessRefused } from '#adapter-kit';
import type { Context, PlanRun } from '#adapter-kit';
import { clientBalance, searched, stillFound } from './client.js';
import type { ClientBalance } from './client.js';
import {
  noPointsToRedeem,
  otherPayable,
  pointOf,
  requireExactNumber,
  requireOwnHolds,
  requireSupportedReceipt,
} from './preconditions.js';
import { payableAfter, recalc, recalcBalance } from './recalc.js';
import { retail } from './retail.js';
import type { RetailAsk } from './retail.js';
import { sendOnce } from './send-once.js';
import type { Watched } from './send-once.js';
import type { LoyalClientSettings } from './settings.js';
import { clientIdOf, holdIds, isWhole } from './wire.js';

/** Books a purchase after reading the client: the id, the kind of level, and the balance, which is the only evidence if the answer is lost. */
export const createPurchase = steps(
  retail,
  function* (ask: PurchaseAsk, context: Context<LoyalClientSettings>) {
    const { receipt } = ask;
    const { total, redeemPoints = '0' } = receipt;
    const point = pointOf(ask.locationId, context.settings);
    requireSupportedReceipt(receipt, context.settings);
    requireExactNumber('/receipt/redeemPoints', redeemPoints);
    const holds = holdIds(ask.holds);
    const before = yield* buyerBalance(ask, point);
    const { clientId, kind } = before;
    requireOwnHolds(ask.holds, clientId);
    if (kind === 'discount' && !isZeroPoints(redeemPoints)) throw noPointsToRedeem();
    if (receipt.expectedPayable) {
      const payable =
        kind === 'cashback' && isWhole(total.amount)
          ? payableAfter(total, zeroMoney(total.currency), redeemPoints)
          : (yield* send(recalc, { clientId, point, receipt: { total, redeemPoints }, holds })).payable;
      if (compareMoney(receipt.expectedPayable, payable) !== 0) throw otherPayable(receipt, payable);
    }
    const sale = { clientId, point, total, redeemPoints, holds };
    const watched = { subject: ask.subject, before, point, holds, points: redeemPoints };
    const booked = yield* book(sale, watched, context);
    // A level or an offer may change between the reading and the booking.
    const warnings = [
      ...(booked.warnings ?? []),
      ...otherThanExpected(receipt.expectedPayable, booked.payable),
      ...notTransmitted(ask),
    ];
    return { ...booked, ...(warnings.length > 0 && { warnings }) };
  },
);

// The client with the current balance: by the identifier shown at the till, which returns it directly, else by the id.
function* buyerBalance({ subject, holds: held }: PurchaseAsk, point: string): PlanRun<ClientBalance> {
  const { identifier } = subject;
  const known = clientIdOf(subject);
  const where = { point, holds: holdIds(held) };
  if (known === undefined) return yield* searched(clientBalance, identifier!, where);
  // A code may have expired since the look-up; the client that it identified is still the buyer.
  const shown = identifier && (yield* stillFound(searched(clientBalance, identifier, where)));
  if (!shown) return yield* balanceById({ clientId: known, ...where });
  if (shown.clientId === known) return shown;
  throw new Refusal('identity-token-expired', {
    detail: 'What was shown at the till now belongs to another client. Look the customer up again.',
  });
}

// The balance is read with an artificial sum, which may exceed an undocumented limit. A real receipt must not be refused
// because of that: it is booked without an earlier balance.
function* balanceById(ask: { clientId: string; point: string; holds: string[] }): PlanRun<ClientBalance> {
  const { clientId } = ask;
  const read = yield* unlessRefused(send(recalcBalance, ask), 'provider-rejected');
  return read ?? { clientId, providerRefs: { clientId } };
}

// A limit comes with its number. If points with a fraction are refused without one, the fraction may be the reason, which is
// not documented: then the till receives LoyalClient's text, and no limit.
function* book(sale: RetailAsk, watched: Watched, context: Context<any>): PlanRun<PurchaseData> {
  try {
    return yield* sendOnce(retail, sale, watched, context);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'redeem-limit-exceeded') throw error;
    if (error.members.maxRedeemPoints !== undefined || isWhole(sale.redeemPoints)) throw error;
    throw new Refusal('provider-rejected', {
      ...error.members,
      detail:
        'LoyalClient refused these points without naming a limit, perhaps because they are not a whole number. Nothing was done.',
      errors: error.members.errors?.map(fault => ({ ...fault, code: 'provider-rejected' })),
    });
  }
}

// A sale is not refused for its cashier's name: points and money are booked anyway, with a warning.
const notTransmitted = ({ cashier, receipt }: PurchaseAsk): Warning[] =>
  noFieldFor('LoyalClient', { '/cashier': cashier, '/receipt/number': receipt.number });
