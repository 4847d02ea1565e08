import { addMoney, canonicalForm, money, subtractMoney } from '#canonical';
import type { Purchase, PurchaseAsk, PurchaseCreate, PurchaseData, Receipt } from '#canonical';
import type { PurchaseDone, RefundSums, StoredOperation, StoredPurchase, Tx } from '#persistence';
import { declaredFor, assertLookupBy, writePlanOf, notSupported } from '../connections/capability.js';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { clearDoubts, disturbHolds, holdTraits, holdsAround } from '../holds/doubtful-holds.js';
import { locationAt, usableHolds } from '../holds/holds.js';
import { bindHolds, consumeHolds, doubtNamedHolds } from '../holds/named-holds.js';
import { assertOwnHolds, heldPoints, holdersOf } from '../holds/hold-owner.js';
import { assertUnreserved, holderOf, keepsAdvisoryHolds } from '../holds/reserved-points.js';
import type { Holder } from '../holds/reserved-points.js';
import { resolveWho } from '../reads/resolve-who.js';
import { AnothersEffect } from '../run/settlement.js';
import { isAnothers, mayBeAnothers } from './anothers-sale.js';
import { defineKind } from './kind.js';
import { assertReceipt, spends } from './receipt.js';

// Nothing is given back on a sale before it is known to stand.
const NO_REFUNDS: RefundSums = { refunded: '0', inDoubt: '0' };

/** A sale at the provider. */
export const purchaseKind = defineKind<PurchaseCreate, PurchaseAsk, PurchaseData>({
  operation: 'createPurchase',
  resourceType: 'purchase',
  prefix: 'pur',
  eventPrefix: 'purchase',
  laneClass: 'interactive',

  readFirst(core, connection, { body, waitMs }) {
    return spends(body.receipt) && keepsAdvisoryHolds(connection)
      ? () => holderOf(core, connection, body, waitMs)
      : undefined;
  },

  async prepare({ core, tx, connection }, { body }, holder?: Holder) {
    const support = declaredFor(connection, 'createPurchase');
    if (support.support === 'advisory')
      throw notSupported('purchase.create', 'A purchase cannot be advisory.');
    assertReceipt(body.receipt);
    if (body.identifier) assertLookupBy(connection, body.identifier.type);
    const known = await resolveWho(core, tx, connection, body);
    const holds = await usableHolds(core, tx, connection, body.holdIds ?? []);
    const customerId = holder?.customerId ?? known.customerId;
    await assertOwnHolds(core, tx, { holds, customerId, named: body.holdIds });
    // Where only the provider will know who buys, it is told whose holds they are.
    const holders = customerId === undefined ? await holdersOf(core, tx, connection, holds) : undefined;
    await assertUnreserved(core, tx, connection, { holder, redeem: body.receipt.redeemPoints, holds });
    return {
      plan: writePlanOf(support, connection.settings),
      customerId,
      // By whatever a person is named: their points are counted in one place, so their spends wait in one line.
      customerLock: customerId ?? known.lock,
      spend: spends(body.receipt),
      ask: {
        subject: known.subject,
        merchantReference: body.merchantReference,
        receipt: body.receipt,
        locationId: body.locationId,
        cashier: body.cashier,
        holds: heldPoints(holds, holders),
      },
    };
  },

  async accept({ core, tx, connection }, operation, prepared, { body }) {
    await bindHolds(core, tx, body.holdIds ?? [], operation.id);
    await core.stores.purchases.insertAtCommit(tx, {
      id: operation.resourceId,
      ...belongingTo(connection),
      operationId: operation.id,
      customerId: prepared.customerId ?? null,
      merchantReference: body.merchantReference,
      // In one notation, as it is compared: "100" is shown as "100.00", like the result beside it.
      receipt: { ...(canonicalForm(body.receipt) as Receipt) },
      total: body.receipt.total.amount,
      currency: body.receipt.total.currency,
      locationId: locationAt(connection, body.locationId),
      holdIds: body.holdIds ?? [],
      metadata: body.metadata ?? {},
    });
  },

  succeededAlone(connection, data) {
    if (holdTraits(connection)?.endedBy || data.otherReceipt !== undefined) return undefined;
    return ({ core, tx, operation }) =>
      core.stores.purchases
        .completeOrRefuse(tx, operation.resourceId, doneOf(connection, data))
        .then(purchase => ended => viewOf(purchase, NO_REFUNDS, ended));
  },

  async succeeded(context, _ask, data) {
    const { core, tx, operation, connection } = context;
    const { purchases, customers } = core.stores;
    const done = doneOf(connection, data);
    if (data.otherReceipt !== undefined && (await mayBeAnothers(context, data))) throw new AnothersEffect();
    const { purchase, strange } = await purchases.complete(tx, operation.resourceId, done);
    let { customerId } = purchase;
    if (strange) {
      const owner = { ...belongingTo(connection), operationId: operation.id };
      customerId = await customers.upsert(tx, owner, done.refs);
      await purchases.nameCustomer(tx, operation.resourceId, customerId);
    }
    const around = await holdsAround(context, connection);
    if (purchase.holdIds.length > 0) await consumeHolds(context);
    await disturbHolds(context, around);
    return ended => viewOf({ ...purchase, customerId }, NO_REFUNDS, ended);
  },

  personal: ({ cashierName }) => (cashierName === undefined ? undefined : { cashierName }),

  async refreshAsk(core, { id }, ask) {
    const { knownIds, inDoubt } = await core.stores.twins.ofPurchase(core.database.direct, id);
    return { ...ask, knownPurchaseIds: knownIds, twinInDoubt: inDoubt };
  },

  async belongsToAnother(context, data, { twinInDoubt }) {
    const { core, tx, operation } = context;
    if (await isAnothers(context, data)) return true;
    const { knownIds, inDoubt } = await core.stores.twins.ofPurchase(tx, operation.id);
    // An equal sale that was sent while this one was looked for: what was found may be its effect, or is.
    if (inDoubt && !twinInDoubt) return true;
    return data.providerOperationId !== undefined && knownIds.includes(data.providerOperationId);
  },

  async resolved(context) {
    const around = await holdsAround(context);
    await consumeHolds(context);
    await disturbHolds(context, around);
  },

  async transitioned(context, transition) {
    const lost = transition === 'unknown' || transition === 'needs-review';
    await (lost ? doubtNamedHolds(context) : clearDoubts(context));
  },

  async view(core, tx, operation) {
    const shown = await core.stores.purchases.shown(tx, operation.id);
    return shown && viewOf(shown.purchase, shown.sums, operation);
  },
});

const doneOf = (
  { id: connectionId }: OpenConnection,
  { customer, warnings = [], otherReceipt: _other, cashierName: _name, ...result }: PurchaseData,
): PurchaseDone => ({
  result,
  warnings,
  providerOperationId: result.providerOperationId,
  connectionId,
  refs: customer?.refs ?? {},
});

/** What a purchase's operation says of it. */
type Standing = Pick<StoredOperation, 'state' | 'outcome' | 'updatedAt'>;

/** A purchase as the API shows it, with what stands against it now. */
export async function purchaseView(
  core: Core,
  tx: Tx,
  stored: StoredPurchase,
  operation: Standing,
): Promise<Purchase> {
  return viewOf(stored, await core.stores.refunds.sums(tx, stored.id), operation);
}

function viewOf(stored: StoredPurchase, sums: RefundSums, operation: Standing): Purchase {
  const total = money(stored.total, stored.currency);
  const refunded = money(sums.refunded, stored.currency);
  const inDoubt = money(sums.inDoubt, stored.currency);
  // Without the provider's number nobody can tell it which purchase to refund.
  const refundable = operation.state === 'succeeded' && stored.providerOperationId !== null;
  return {
    id: stored.id,
    state: operation.state,
    outcome: operation.outcome,
    operationId: stored.operationId,
    connectionId: stored.connectionId,
    ...(stored.customerId ? { customerId: stored.customerId } : {}),
    merchantReference: stored.merchantReference,
    receipt: stored.receipt as unknown as Receipt,
    ...(stored.result ? { result: stored.result as unknown as Purchase['result'] } : {}),
    refunds: {
      refunded,
      inDoubt,
      refundable: refundable
        ? subtractMoney(total, addMoney(refunded, inDoubt))
        : money('0', stored.currency),
    },
    warnings: stored.warnings as Purchase['warnings'],
    metadata: stored.metadata,
    createdAt: stored.createdAt.toISOString(),
    // Its state is the operation's, which moves without the row: an outcome that is lost, or settled by a person.
    updatedAt: latest(stored.updatedAt, operation.updatedAt).toISOString(),
  };
}

const latest = (one: Date, other: Date): Date => (one > other ? one : other);
