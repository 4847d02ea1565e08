import { exact, plainText } from '#canonical';
import type { Program, PurchaseResult, Receipt } from '#canonical';
import { keptResult } from '#outbound';
import type { StoredPurchase } from '#persistence';
import type { Core } from '../core.js';
import { marketingOf } from './marketing.js';
import { numberOf, personNumber, purchaseNumber } from './numbers.js';
import type { V1Operation } from './shapes.js';

/** What an answer contains besides the purchase. */
export interface Told {
  program: Program;
  cashierExternalId?: string;
  /** The write that is answered. */
  operationId: string;
}

/** A booked purchase in v1 format. */
export async function operationOf(core: Core, purchase: StoredPurchase, told: Told): Promise<V1Operation> {
  const result = purchase.result as Partial<PurchaseResult> | null;
  const { redeemPoints = '0' } = purchase.receipt as unknown as Receipt;
  const redeemed = exact(result?.redeemedPoints ?? redeemPoints);
  // If a person settled it as executed, only the till's own figures are known.
  const cash = result?.payable?.amount ?? plainText(exact(purchase.total).minus(redeemed));
  const customer = purchase.customerId
    ? await core.stores.customers.find(core.database.direct, purchase.tenantId, purchase.customerId)
    : null;
  const name = await cashierNameOf(core, told.operationId);
  const person = personNumber(customer?.refs ?? {}) ?? 0;
  return {
    cash: numberOf(cash),
    cashier: { email: null, externalId: told.cashierExternalId ?? null, name },
    customer: { id: person, name: null, surname: null },
    dateCreated: result?.providerTime ?? purchase.createdAt.toISOString(),
    id: await purchaseNumber(core, purchase),
    marketingSettings: marketingOf(told.program),
    participantId: person,
    scoresDelta: exact(result?.earnedPoints ?? 0)
      .minus(redeemed)
      .toNumber(),
    scoresNew: result?.balanceAfterPoints === undefined ? null : numberOf(result.balanceAfterPoints),
    total: numberOf(purchase.total),
  };
}

/** The name that the provider has given for the cashier, as long as it is kept. */
async function cashierNameOf(core: Core, operationId: string): Promise<string | null> {
  const operation = await core.stores.operations.byId(core.database.direct, operationId);
  const kept = operation && keptResult<{ cashierName?: string }>(core, operation);
  return kept?.cashierName ?? null;
}
