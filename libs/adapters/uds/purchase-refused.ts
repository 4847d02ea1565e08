import { send, sendAnew, sendAside, Unanswered, unlessFailed } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { leastPoints, Refusal } from '#canonical';
import { isAppCode } from './buyer.js';
import { CLOCK_MS, recentLedger } from './ledger.js';
import type { SeenEntry } from './ledger.js';
import { contradictions } from './operation.js';
import { orderOf, priceAskOf } from './order.js';
import type { Sale } from './order.js';
import { billOf, priceReceipt, redeemableOf } from './price.js';
import type { Price, PriceAsk } from './price.js';
import { getSettings } from './program.js';
import { changedByNoSale, isAboutAccess, mayBeBooked } from './refusals.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';
import { fits, isBuyer, resembles, soughtBy } from './sought-purchase.js';

/** The refusal of a purchase, with the maximum of points that the till needs. Throws `Unanswered` where the purchase may be booked all the same: one that reached UDS twice (a proxy repeated it) is refused the second time, because the first used up its code or its points. */
export function* refusalToTell(refusal: Refusal, sale: Sale, context: UdsContext): PlanRun<Refusal> {
  const { code, members } = refusal;
  const { provider } = members;
  if (mayBeBooked(provider, { nonceSent: mayUseUndocumented(context.settings) }))
    throw new Unanswered(`UDS answers ${provider?.code}: the receipt may be booked already`);
  // UDS refused what the cached settings allowed: the next quote or purchase must see fresh ones.
  if (code === 'redeem-requires-code' || code === 'purchase-by-phone-disabled')
    yield* unlessFailed(sendAnew(getSettings, {}));
  const isAboutPoints = code === 'redeem-limit-exceeded' || code === 'insufficient-points';
  // Our own refusal is told at once, also where nothing can be sent.
  const via = provider === undefined ? sendAside : send;
  // The refusal does not contain the maximum; where it cannot be read, the refusal remains valid.
  const bill = priceAskOf(sale);
  const priceNow = isAboutPoints && !sale.price ? yield* unlessFailed(via(priceReceipt, bill)) : undefined;
  // A code that UDS still knows has bought nothing: this read shows it as well, and no second one is needed.
  const isUnused = priceNow && isAppCode(bill.buyer);
  if (!isUnused) yield* requireUnbooked(refusal, sale, context);
  const known = sale.price ?? priceNow;
  const maxRedeemPoints = isAboutPoints && known ? mostOf(bill, known) : undefined;
  return maxRedeemPoints === undefined ? refusal : new Refusal(code, { ...members, maxRedeemPoints });
}

const mostOf = ({ receipt, program }: PriceAsk, price: Price): string | undefined =>
  price.maxRedeemPoints &&
  leastPoints(price.maxRedeemPoints, redeemableOf(receipt, billOf(receipt, program, price)));

function* requireUnbooked(refusal: Refusal, sale: Sale, context: UdsContext): PlanRun<void> {
  const { code, members } = refusal;
  if (isAboutAccess(members.provider?.status) || changedByNoSale.includes(code)) return;
  // If the ledger cannot be read, the refusal is told: a cashier with a wrong code would wait for minutes only because something
  // might have repeated the request, which is rare.
  if (mayUseUndocumented(context.settings) && (yield* unlessFailed(isListed(sale, context))))
    throw new Unanswered('UDS refused the purchase, but its ledger has it');
}

// The newest page is enough.
function* isListed(sale: Sale, { now, firstSentAt }: UdsContext): PlanRun<boolean> {
  // A sale under the same till's number that is older, and was refunded meanwhile, is another one.
  const search = { firstSentAt: firstSentAt ?? now, tries: 0, clockMs: CLOCK_MS };
  const { entries, earlier } = yield* recentLedger(search);
  if (entries.some(seen => isSurelyIt(seen, sale))) return true;
  // A request that was answered 429 may be booked all the same: then any sale of this total since then may be it, where no row shows a
  // number. Where some do, one without is a cashier's by hand.
  const rows = [...entries.map(({ entry }) => entry), ...earlier];
  const isNumbered = rows.some(({ receiptNumber }) => receiptNumber !== undefined);
  return firstSentAt !== undefined && !isNumbered && entries.some(seen => mayBeIt(seen, sale));
}

const mayBeIt = ({ entry, when }: SeenEntry, { ask, price }: Sale): boolean => {
  const sought = soughtBy(ask, price);
  return when === 'after' && resembles(entry, sought) && isBuyer(entry, sought) !== false;
};

// Our own reference is used by no other sale; a till's number may be used again, or by another till.
function isSurelyIt({ entry, when }: SeenEntry, sale: Sale): boolean {
  const { ask, price } = sale;
  if (!fits(entry, soughtBy(ask, price))) return false;
  if (ask.receipt.number === undefined) return true;
  return when === 'after' && contradictions(entry, orderOf(sale)).length === 0;
}
