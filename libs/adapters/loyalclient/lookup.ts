import type { CustomerData, LookupAsk, QuoteAsk } from '#canonical';
import { send, steps } from '#adapter-kit';
import type { Context } from '#adapter-kit';
import { findClient, searched } from './client.js';
import { pointOf, requireExactNumber, requireSupportedReceipt } from './preconditions.js';
import { recalc } from './recalc.js';
import type { LoyalClientSettings } from './settings.js';
import { clientIdOf, holdIds } from './wire.js';

/** Finds a client; with a receipt also the maximum of points for it, which only `recalc` returns. */
export const lookupCustomer = steps(
  findClient,
  function* (ask: LookupAsk, context: Context<LoyalClientSettings>) {
    const { settings } = context;
    const point = pointOf(ask.locationId, settings);
    if (ask.receipt) requireSupportedReceipt(ask.receipt, settings);
    const holds = holdIds(ask.holds);
    const customer = yield* searched(findClient, ask.identifier, { point, holds });
    if (!ask.receipt) return customer;
    const clientId = customer.providerRefs['clientId']!;
    const { maxRedeemPoints } = yield* send(recalc, {
      clientId,
      point,
      receipt: { total: ask.receipt.total },
      holds,
    });
    return { ...customer, maxRedeemPoints };
  },
);

/** Prices a receipt; a client without a known id is looked up first. */
export const createQuote = steps(recalc, function* (ask: QuoteAsk, context: Context<LoyalClientSettings>) {
  const { subject, receipt } = ask;
  const point = pointOf(ask.locationId, context.settings);
  requireSupportedReceipt(receipt, context.settings);
  requireExactNumber('/receipt/redeemPoints', receipt.redeemPoints ?? '0');
  const holds = holdIds(ask.holds);
  let customer: CustomerData | undefined;
  if (clientIdOf(subject) === undefined)
    customer = yield* searched(findClient, subject.identifier!, { point, holds });
  const clientId = clientIdOf(subject) ?? customer!.providerRefs['clientId']!;
  const quote = yield* send(recalc, { clientId, point, receipt, holds });
  return { ...quote, ...(customer && { customer }) };
});
