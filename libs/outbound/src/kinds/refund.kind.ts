import {
  Refusal,
  addMoney,
  compareMoney,
  isZeroMoney,
  money,
  refusalAt,
  subtractMoney,
  terminalStates,
} from '#canonical';
import type { PurchaseResult, Refund, RefundAsk, RefundCreate, RefundData } from '#canonical';
import type { StoredOperation, StoredPurchase, StoredRefund } from '#persistence';
import type { Money } from '#canonical';
import { belongingTo } from '../connections/connection.js';
import { writePlanOf, notSupported, supportFor } from '../connections/capability.js';
import { AnothersEffect } from '../run/settlement.js';
import { defineKind } from './kind.js';

/** Money back on a sale: never more in all than was sold, running and unknown refunds counted. */
export const refundKind = defineKind<RefundCreate, RefundAsk, RefundData>({
  operation: 'createRefund',
  resourceType: 'refund',
  prefix: 'rfd',
  eventPrefix: 'refund',
  laneClass: 'interactive',

  async prepare({ core, tx, connection }, { body, params }) {
    const support = supportFor(connection, 'createRefund');
    // Locked, so that two refunds at the same moment cannot both count on the same rest.
    const purchase = await core.stores.purchases.lock(tx, connection.tenantId, params.purchaseId!);
    if (!purchase || purchase.connectionId !== connection.id)
      throw new Refusal('not-found', { detail: `There is no purchase ${params.purchaseId}.` });
    const [operation, sums, knownRefundIds] = await Promise.all([
      core.stores.operations.byId(tx, purchase.operationId),
      core.stores.refunds.sums(tx, purchase.id),
      core.stores.refunds.knownIds(tx, purchase.id),
    ]);
    assertExecuted(purchase, operation);
    const total = money(purchase.total, purchase.currency);
    const taken = addMoney(money(sums.refunded, purchase.currency), money(sums.inDoubt, purchase.currency));
    const amount = amountOf(body, total, taken);
    // Never after another refund: that left less than the total to give back.
    const full = compareMoney(amount, total) === 0;
    if (!full && !support.traits.partial)
      throw notSupported(
        'refund.create.partial',
        `${connection.adapter.title} refunds only a whole purchase.`,
      );
    return {
      plan: writePlanOf(support, connection.settings),
      // A lost refund is looked up by what is new under its purchase: two at once could not be told apart.
      serialKey: `refund:${purchase.id}`,
      ask: {
        providerOperationId: purchase.providerOperationId!,
        amount,
        total,
        full,
        reason: body.reason,
        knownRefundIds,
        purchasePoints: pointsOf(purchase),
      },
    };
  },

  async accept({ core, tx, connection }, operation, { ask }, { body, params }) {
    await core.stores.refunds.insertAtCommit(tx, {
      id: operation.resourceId,
      ...belongingTo(connection),
      purchaseId: params.purchaseId!,
      operationId: operation.id,
      merchantReference: body.merchantReference,
      amount: ask.amount.amount,
      currency: ask.amount.currency,
      reason: body.reason ?? null,
    });
  },

  async succeeded({ core, tx, operation }, _ask, { cashierName: _, ...result }) {
    const { refunds } = core.stores;
    const { taken } = await refunds.complete(tx, operation.resourceId, result, result.providerOperationId);
    if (taken) throw new AnothersEffect();
  },

  personal: ({ cashierName }) => (cashierName === undefined ? undefined : { cashierName }),

  async refreshAsk(core, { id }, ask) {
    const { direct } = core.database;
    const { refunds, twins } = core.stores;
    const refund = (await refunds.byOperation(direct, id))!;
    const [knownRefundIds, twinInDoubt] = await Promise.all([
      refunds.knownIds(direct, refund.purchaseId),
      twins.ofRefund(direct, id),
    ]);
    return { ...ask, knownRefundIds, twinInDoubt };
  },

  async belongsToAnother({ core, tx, operation, connection }, { providerOperationId }) {
    return core.stores.twins.isAnothers(tx, 'refunds', {
      connectionId: connection.id,
      id: operation.resourceId,
      providerOperationId,
    });
  },

  async view(core, tx, operation) {
    const stored = await core.stores.refunds.byOperation(tx, operation.id);
    return stored ? refundView(stored, operation) : undefined;
  },
});

/** A refund as the API shows it. */
export function refundView(
  stored: StoredRefund,
  operation: Pick<StoredOperation, 'state' | 'outcome'>,
): Refund {
  const { netPoints: _, ...told } = (stored.result ?? {}) as RefundData;
  return {
    id: stored.id,
    state: operation.state,
    outcome: operation.outcome,
    purchaseId: stored.purchaseId,
    operationId: stored.operationId,
    amount: money(stored.amount, stored.currency),
    ...told,
    merchantReference: stored.merchantReference,
    ...(stored.reason ? { reason: stored.reason } : {}),
    createdAt: stored.createdAt.toISOString(),
  };
}

/** What the sale redeemed and earned; absent where a person settled it and nobody was told. */
function pointsOf({ result }: StoredPurchase): RefundAsk['purchasePoints'] {
  const told = result as PurchaseResult | null;
  if (!told) return undefined;
  const { redeemedPoints: redeemed, earnedPoints: earned, discount } = told;
  return { redeemed, earned, ...(discount && { discounted: !isZeroMoney(discount) }) };
}

function assertExecuted(purchase: StoredPurchase, operation: StoredOperation | null): void {
  if (operation?.state === 'succeeded' && purchase.providerOperationId) return;
  const detail = whyNot(operation);
  throw new Refusal('state-conflict', { detail, operationId: purchase.operationId });
}

function whyNot(operation: StoredOperation | null): string {
  if (operation?.state === 'succeeded')
    return 'The id of this purchase at the provider is not known, so the gateway cannot refund it; refund it in the provider’s own cabinet.';
  if (operation && terminalStates.includes(operation.state))
    return `The purchase is ${operation.state}: nothing was executed, and there is nothing to refund.`;
  const read = operation ? ` Read GET /v1/operations/${operation.id} and try again once it is settled.` : '';
  return `The purchase is ${operation?.state ?? 'not known'}; only a purchase that succeeded can be refunded.${read}`;
}

function amountOf(body: RefundCreate, total: Money, taken: Money): Money {
  const rest = subtractMoney(total, taken);
  const amount = body.amount ?? rest;
  if (amount.currency !== total.currency)
    throw refusalAt('/amount/currency', `The purchase is in ${total.currency}.`);
  if (isZeroMoney(amount) || compareMoney(amount, rest) > 0) {
    throw new Refusal('refund-exceeds-purchase', {
      detail: `${rest.amount} ${rest.currency} can still be refunded; refunds that are running or unknown count as refunded.`,
    });
  }
  return money(amount.amount, amount.currency);
}
