import { NO_CURRENCY, Refusal } from '#canonical';
import { afterAcceptance, purchaseKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { attemptOf, done, truthOf } from './attempt.js';
import type { Attempt } from './attempt.js';
import { earlierOf, rememberingDoubt } from './doubt.js';
import type { NumberedSale } from './doubt.js';
import { referenceOf } from './intent.js';
import { programIfAny, programOf } from './marketing.js';
import { operationOf } from './operation.js';
import { purchaseBody, readSale } from './sale.js';
import type { V1Purchase } from './shapes.js';
import type { Till } from './till.js';

/** `POST purchase`: the same sale as through `POST /v1/purchases`, once only, however often the till repeats it. */
export async function bookPurchase(core: Core, till: Till, connection: OpenConnection): Promise<V1Purchase> {
  const sale = readSale(till.given);
  const { identifier, total, points, invoiceNumber, cashierExternalId } = sale;
  const { keyId, tenantId } = till.caller;
  // Tills share and restart their numbers: only all of these together identify a sale.
  const parts = [keyId, connection.id, invoiceNumber ?? '', identifier.type, identifier.value, total, points];
  const reference = await referenceOf(core, { tenantId, parts, lasting: invoiceNumber !== undefined });
  const attempt = await attemptOf(core, core.database.direct, tenantId, reference);
  const asked = { connection, sale, reference };
  const earlier = attempt.standing
    ? { standing: attempt.standing, reference }
    : await earlierOf(core, till, asked);
  // Includes building the answer: a till that gets none asks for another code as well.
  return rememberingDoubt(core, till, { ...asked, ...earlier }, async () => {
    const operationId = earlier
      ? await truthOf(core, till, earlier.standing)
      : await bookOrJoin(core, { ...asked, till, attempt });
    const operation = await afterAcceptance(operationId, async () => {
      const purchase = await core.stores.purchases.byOperation(core.database.direct, operationId);
      const program = await programIfAny(core, till, connection);
      return operationOf(core, purchase!, { program, cashierExternalId });
    });
    return { operation };
  });
}

interface Booking extends NumberedSale {
  till: Till;
  attempt: Attempt;
}

/** Joins an equal sale made a moment earlier with other cash or another cashier, and returns its outcome. */
async function bookOrJoin(core: Core, booking: Booking): Promise<string> {
  try {
    return await book(core, booking);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'idempotency-key-reused') throw error;
    const { till, reference } = booking;
    const { standing } = await attemptOf(core, core.database.direct, till.caller.tenantId, reference);
    if (!standing) throw error;
    return truthOf(core, till, standing);
  }
}

async function book(core: Core, { till, connection, sale, reference, attempt }: Booking): Promise<string> {
  const { currency = NO_CURRENCY } = await programOf(core, till, connection);
  return done(core, till, {
    kind: purchaseKind,
    connection,
    body: purchaseBody(sale, reference, currency),
    params: {},
    idempotencyKey: attempt.key,
    waitMs: till.waitMs,
  });
}
