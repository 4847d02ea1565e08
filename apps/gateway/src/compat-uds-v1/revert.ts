import { RefundCreate, Refusal, exact, readBody } from '#canonical';
import type { RefundData } from '#canonical';
import { afterAcceptance, connectionWith, refundKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredPurchase, StoredRefund } from '#persistence';
import type { Core } from '../core.js';
import { done, intentStateOf, truthOf } from './attempt.js';
import { decimalIn } from './given.js';
import { referenceOf } from './intent.js';
import { programIfAny } from './marketing.js';
import { wholeOf } from './numbers.js';
import { operationOf } from './operation.js';
import { replacedBy } from './replaced.js';
import type { V1Operation } from './shapes.js';
import type { Till } from './till.js';

/** `POST revert/{id}`: refunds a purchase made through this gateway, in whole or by `partialAmount`. */
export async function revertPurchase(
  core: Core,
  till: Till,
  connection: OpenConnection,
  id: string,
): Promise<V1Operation> {
  const partialAmount = decimalIn(till.given, 'partialAmount');
  const { database, stores } = core;
  const sold = await soldAs(core, connection, id);
  const operationId = await refund(core, { till, ...sold, partialAmount });
  return afterAcceptance(operationId, async () => {
    const refunded = await stores.refunds.byOperation(database.direct, operationId);
    const program = await programIfAny(core, till, connection);
    return reversing(await operationOf(core, sold.purchase, { program, operationId }), refunded!);
  });
}

interface Sold {
  purchase: StoredPurchase;
  connection: OpenConnection;
}

interface Refunding extends Sold {
  till: Till;
  partialAmount?: string;
}

/** The purchase of that number, and its connection. Throws 404. */
async function soldAs(core: Core, connection: OpenConnection, id: string): Promise<Sold> {
  const { purchases, connections } = core.stores;
  const { direct } = core.database;
  const purchase = await purchases.byNumber(direct, connection.id, id);
  if (purchase) return { purchase, connection };
  const unknown = new Refusal('not-found', { detail: `This gateway has no purchase ${id}.` });
  for (const replaced of await replacedBy(core, connection)) {
    const before = await purchases.byNumber(direct, replaced, id);
    const stored = before && (await connections.byId(direct, replaced));
    // Closed: what became of an earlier revert is told, and no new one is made.
    if (stored) return { purchase: before, connection: { ...connectionWith(stored, {}), closed: unknown } };
  }
  throw unknown;
}

async function refund(core: Core, { till, connection, purchase, partialAmount }: Refunding): Promise<string> {
  const { keyId, tenantId } = till.caller;
  const parts = [keyId, purchase.id, 'revert', partialAmount ?? 'all'];
  // A purchase is reverted as a whole once; the same part may be reverted again an hour later.
  const merchantReference = await referenceOf(core, {
    tenantId,
    parts,
    lasting: partialAmount === undefined,
  });
  const intent = await intentStateOf(core, core.database.direct, tenantId, merchantReference);
  if (intent.standing) return truthOf(core, till, intent.standing);
  const amount = partialAmount && { amount: partialAmount, currency: purchase.currency };
  return done(core, till, {
    kind: refundKind,
    connection,
    body: readBody(RefundCreate, { merchantReference, ...(amount && { amount }) }),
    params: { purchaseId: purchase.id },
    idempotencyKey: intent.key,
    waitMs: till.waitMs,
  });
}

// UDS shows a reversal with opposite signs: money returned to the customer is negative, their points positive.
function reversing(
  sold: V1Operation,
  { amount, createdAt, result, providerOperationId }: StoredRefund,
): V1Operation {
  const back = result as RefundData | null;
  const apart = exact(back?.returnedPoints ?? 0).minus(exact(back?.reversedEarnedPoints ?? 0));
  return {
    ...sold,
    cash: 0 - Number(back?.returnedMoney?.amount ?? 0),
    dateCreated: createdAt.toISOString(),
    // The sale's number would name another operation.
    id: wholeOf(providerOperationId ?? undefined) ?? 0,
    scoresDelta: Number(back?.netPoints ?? apart),
    scoresNew: null,
    total: 0 - Number(amount),
  };
}
