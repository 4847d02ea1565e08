import { addMoney, leastPoints, pointsAsMoney, subtractMoney } from '#canonical';
import type { Quote, QuoteCreate } from '#canonical';
import { assertLookupBy, supportFor } from '../connections/capability.js';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { usableHolds } from '../holds/holds.js';
import { assertReceipt } from '../kinds/receipt.js';
import { assertOwnHolds, heldPoints } from '../holds/hold-owner.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';
import { assertFree, beforeLook, freePoints, keepsAdvisoryHolds } from '../holds/reserved-points.js';
import { resolveWho } from './resolve-who.js';

/** Prices a receipt without any effect; points that the gateway itself holds for another sale are neither offered nor priced in again. Throws what the sale would: `insufficient-points`. */
export async function quote(
  core: Core,
  connection: OpenConnection,
  body: QuoteCreate,
  terms: ReadTerms,
): Promise<Quote> {
  supportFor(connection, 'createQuote');
  assertReceipt(body.receipt);
  if (body.identifier) assertLookupBy(connection, body.identifier.type);
  const { direct } = core.database;
  const { subject, customerId } = await resolveWho(core, direct, connection, body);
  const holds = await usableHolds(core, direct, connection, body.holdIds ?? []);
  await assertOwnHolds(core, direct, { holds, customerId, named: body.holdIds });
  const ask = { subject, receipt: body.receipt, locationId: body.locationId, holds: heldPoints(holds) };
  const readAt = await beforeLook(core, connection);
  const { customer, ...said } = await read(core, connection, 'createQuote', ask, terms);
  const owner = belongingTo(connection);
  const known =
    customer && Object.keys(customer.providerRefs).length > 0
      ? await core.stores.customers.upsert(direct, owner, customer.providerRefs)
      : customerId;
  const priced: Quote = { ...(known ? { customerId: known } : {}), ...said };
  if (!known || !customer?.balancePoints || !keepsAdvisoryHolds(connection)) return priced;
  const holder = { customerId: known, balancePoints: customer.balancePoints, readAt };
  const free = await core.database.transaction(tx => freePoints(core, tx, connection, holder, holds));
  assertFree(holder, body.receipt.redeemPoints ?? '0', free);
  return offered(priced, body, leastPoints(priced.maxRedeemPoints, free));
}

/** The quote with no more points offered than are free. */
function offered(priced: Quote, { receipt }: QuoteCreate, maxRedeemPoints: string): Quote {
  if (maxRedeemPoints === priced.maxRedeemPoints) return priced;
  const { currency } = receipt.total;
  const more = subtractMoney(
    pointsAsMoney(priced.maxRedeemPoints, currency),
    pointsAsMoney(maxRedeemPoints, currency),
  );
  const payableIfMaxRedeemed = addMoney(priced.payableIfMaxRedeemed, more);
  return { ...priced, maxRedeemPoints, payableIfMaxRedeemed };
}
