import { Unanswered } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { Program, PurchaseAsk, Refusal } from '#canonical';
import { CLOCK_MS, recentLedger } from './ledger.js';
import type { SeenEntry } from './ledger.js';
import { contradictions } from './operation.js';
import { orderOf } from './order.js';
import type { Price } from './price.js';
import { changedByNoSale, isAboutAccess } from './refusals.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';
import { fits, soughtBy } from './sought-purchase.js';

/** A sale as it was sent: with the settings and the price that its sums are based on. */
interface SentSale {
  ask: PurchaseAsk;
  program: Program;
  price: Price | undefined;
}

/** Throws `Unanswered` where a refused purchase is booked all the same: one that reached UDS twice (a proxy repeated it) is refused the second time, because the first used up its code or its points. */
export function* requireUnbooked(refusal: Refusal, sale: SentSale, context: UdsContext): PlanRun<void> {
  const { provider } = refusal.members;
  // Our own refusal: nothing was sent.
  if (!provider || isAboutAccess(provider.status) || changedByNoSale.includes(refusal.code)) return;
  if (mayUseUndocumented(context.settings) && (yield* isListed(sale, context)))
    throw new Unanswered('UDS refused the purchase, but its ledger has it');
}

// The newest page is enough. If it cannot be read, the refusal is told: a cashier with a wrong code would wait for minutes only
// because something might have repeated the request, which is rare.
function* isListed(sale: SentSale, { now }: UdsContext): PlanRun<boolean> {
  try {
    // A sale under the same till's number that is older, and was refunded meanwhile, is another one.
    const { entries } = yield* recentLedger({ firstSentAt: now, tries: 0, clockMs: CLOCK_MS });
    return entries.some(seen => isSurelyIt(seen, sale));
  } catch {
    return false;
  }
}

// Our own reference is used by no other sale; a till's number may be used again, or by another till.
function isSurelyIt({ entry, when }: SeenEntry, { ask, program, price }: SentSale): boolean {
  if (!fits(entry, soughtBy(ask, price))) return false;
  if (ask.receipt.number === undefined) return true;
  return when === 'after' && contradictions(entry, orderOf(ask, program, price)).length === 0;
}
