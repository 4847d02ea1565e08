import { NO_CURRENCY, Refusal } from '#canonical';
import { afterAcceptance, purchaseKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { done, intentStateOf, truthOf } from './attempt.js';
import type { IntentState } from './attempt.js';
import { earlierOf, rememberingDoubt } from './doubt.js';
import type { Earlier, NumberedSale } from './doubt.js';
import { nameOf, referenceOf } from './intent.js';
import { programIfAny, programOf } from './marketing.js';
import { operationOf } from './operation.js';
import { replacedBy } from './replaced.js';
import { purchaseBody, readSale } from './sale.js';
import type { Sale } from './sale.js';
import type { V1Purchase } from './shapes.js';
import type { Till } from './till.js';

/** `POST purchase`: the same sale as through `POST /v1/purchases`, once only, however often the till repeats it. */
export async function bookPurchase(core: Core, till: Till, connection: OpenConnection): Promise<V1Purchase> {
  const sale = readSale(till.given);
  const { invoiceNumber, cashierExternalId } = sale;
  const { tenantId } = till.caller;
  const parts = partsOf(till, connection.id, sale);
  const reference = await referenceOf(core, { tenantId, parts, lasting: invoiceNumber !== undefined });
  const intent = await intentStateOf(core, core.database.direct, tenantId, reference);
  const asked = { connection, sale, reference };
  const earlier = intent.standing
    ? { standing: intent.standing, reference }
    : await repeatedBy(core, till, asked);
  // Includes building the answer: a till that gets none asks for another code as well.
  return rememberingDoubt(core, till, { ...asked, ...earlier }, async () => {
    const operationId = earlier
      ? await truthOf(core, till, earlier.standing)
      : await bookOrJoin(core, { ...asked, till, intent });
    const operation = await afterAcceptance(operationId, async () => {
      const purchase = await core.stores.purchases.byOperation(core.database.direct, operationId);
      const program = await programIfAny(core, till, connection);
      return operationOf(core, purchase!, { program, cashierExternalId, operationId });
    });
    return { operation };
  });
}

/** Tills share and restart their numbers: only all of these together identify a sale. */
const partsOf = ({ caller }: Till, connectionId: string, sale: Sale): string[] => {
  const { identifier, total, points, invoiceNumber = '' } = sale;
  return [caller.keyId, connectionId, invoiceNumber, identifier.type, identifier.value, total, points];
};

/** The sale that a numbered one repeats, also over a connection that was deleted a moment ago and whose place this one took: its till repeats it as before. */
async function repeatedBy(core: Core, till: Till, asked: NumberedSale): Promise<Earlier | undefined> {
  const { connection, sale } = asked;
  if (sale.invoiceNumber === undefined) return undefined;
  const replaced = await replacedBy(core, connection);
  for (const id of replaced) {
    const reference = nameOf(core, partsOf(till, id, sale));
    const { standing } = await intentStateOf(core, core.database.direct, connection.tenantId, reference);
    if (standing) return { standing, reference };
  }
  for (const id of [connection.id, ...replaced]) {
    const earlier = await earlierOf(core, till, asked, id);
    if (earlier) return earlier;
  }
  return undefined;
}

interface Booking extends NumberedSale {
  till: Till;
  intent: IntentState;
}

/** Joins an equal sale made a moment earlier with other cash or another cashier, and returns its outcome. */
async function bookOrJoin(core: Core, booking: Booking): Promise<string> {
  try {
    return await book(core, booking);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'idempotency-key-reused') throw error;
    const { till, reference } = booking;
    const { standing } = await intentStateOf(core, core.database.direct, till.caller.tenantId, reference);
    if (!standing) throw error;
    return truthOf(core, till, standing);
  }
}

async function book(core: Core, { till, connection, sale, reference, intent }: Booking): Promise<string> {
  const { currency = NO_CURRENCY } = await programOf(core, till, connection);
  return done(core, till, {
    kind: purchaseKind,
    connection,
    body: purchaseBody(sale, reference, currency),
    params: {},
    idempotencyKey: intent.key,
    waitMs: till.waitMs,
  });
}
