import { Refusal } from '#canonical';
import { read, waitForEnd } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredOperation } from '#persistence';
import type { Core } from '../core.js';
import { intentStateOf, isOver } from './attempt.js';
import { nameOf } from './intent.js';
import type { Sale } from './sale.js';
import { termsOf } from './till.js';
import type { Till } from './till.js';

/** For so long (ms) after its outcome was reported unknown, or became known, a numbered sale may be repeated with changes. */
export const COMES_BACK_MS = 30 * 60_000;
/** Refusals with this HTTP status or a higher one are about the connection or the provider, and say nothing of the buyer. */
const NOT_THE_BUYER = 424;

/** A till's sale, and its merchant reference. */
export interface NumberedSale {
  connection: OpenConnection;
  sale: Sale;
  reference: string;
}

/** An earlier sale that this one repeats. */
export interface Earlier {
  standing: StoredOperation;
  reference: string;
}

// Deletions that run on while their till is answered. A mark on its way out is not a missing answer: the next sale waits.
const beingForgotten = new Map<string, Promise<void>>();

/** A row among the idempotency keys that says: the till of this sale has not learned its outcome yet. */
interface Mark {
  tenantId: string;
  key: string;
  /** The sale's reference. */
  fingerprint: string;
}

// Identifies a sale without buyer and points: after a missing answer, cashiers ask for another code, or sell without
// points.
function markOf(
  core: Core,
  { caller }: Till,
  { connection, sale, reference }: NumberedSale,
  connectionId = connection.id,
): Mark | undefined {
  const { invoiceNumber, total } = sale;
  if (invoiceNumber === undefined) return undefined;
  const parts = [caller.keyId, connectionId, 'in doubt', invoiceNumber, total];
  const key = `doubt-${nameOf(core, parts)}`;
  return { tenantId: caller.tenantId, key, fingerprint: reference };
}

/** Runs a sale. While it runs, and afterwards if the till did not learn the outcome, a mark is kept for `earlierOf`. */
export async function rememberingDoubt<T>(
  core: Core,
  till: Till,
  asked: NumberedSale,
  sell: () => Promise<T>,
): Promise<T> {
  const mark = markOf(core, till, asked);
  if (!mark) return sell();
  // Before the sale: if the process dies in the middle, the till gets no answer and asks for another code.
  // A mark that stands already, of this sale or of an earlier unknown one, is kept.
  const isOurs = (await core.stores.idempotency.take(core.database.direct, mark)) === null;
  const settle = async (inDoubt: boolean) => {
    if (inDoubt) await remember(core, mark);
    else if (isOurs) core.background.run(forget(core, mark), () => undefined);
  };
  try {
    const done = await sell();
    await settle(till.isGone());
    return done;
  } catch (error) {
    await settle(isUnsure(error));
    throw error;
  }
}

async function forget(core: Core, { tenantId, key }: Mark): Promise<void> {
  const forgotten = core.stores.idempotency.release(core.database.direct, tenantId, key);
  beingForgotten.set(key, forgotten);
  await forgotten.finally(() => beingForgotten.delete(key));
}

// Any error except a refusal may have come after the COMMIT, or instead of its answer.
const isUnsure = (error: unknown): boolean =>
  !(error instanceof Refusal) ||
  error.members.outcome === 'unknown' ||
  error.code === 'dependency-unavailable';

// A failure to store the mark must not cost the till its answer.
async function remember(core: Core, mark: Mark): Promise<void> {
  const { idempotency } = core.stores;
  const kept = core.database.transaction(async tx => {
    await idempotency.release(tx, mark.tenantId, mark.key);
    await idempotency.take(tx, mark);
  });
  await kept.catch(error => core.log('warn', 'a sale in doubt was not remembered', { error: String(error) }));
}

/**
 * The earlier sale of the same number and total whose outcome its till did not learn, if this is the same one with a
 * new code or other points: while the outcome is unknown, and afterwards for the same customer. Waits for the outcome
 * as long as the till does. Throws the errors of the customer look-up; with the outcome `unknown` where nobody can say
 * whose code it is. The earlier one was sold over `connectionId`.
 */
export async function earlierOf(
  core: Core,
  till: Till,
  asked: NumberedSale,
  connectionId: string,
): Promise<Earlier | undefined> {
  const mark = markOf(core, till, asked, connectionId);
  if (!mark) return undefined;
  await beingForgotten.get(mark.key)?.catch(() => undefined);
  const known = await core.stores.idempotency.find(core.database.direct, mark.tenantId, mark.key);
  if (!known || known.fingerprint === asked.reference) return undefined;
  const reference = known.fingerprint;
  const { standing } = await intentStateOf(core, core.database.direct, known.tenantId, reference);
  if (!standing) return undefined;
  const lastNews = Math.max(known.createdAt.getTime(), standing.finishedAt?.getTime() ?? 0);
  if (core.now().getTime() - lastNews > COMES_BACK_MS) return undefined;
  const now = await waitForEnd(core, standing, till.waitMs);
  if (now.state !== 'succeeded') return isOver(now) ? undefined : { standing: now, reference };
  return (await isSameBuyer(core, till, asked, now)) ? { standing: now, reference } : undefined;
}

/** Whether the current customer is the earlier buyer; assumed if that buyer is unknown. */
async function isSameBuyer(
  core: Core,
  till: Till,
  { connection, sale: { identifier } }: NumberedSale,
  { id, tenantId }: StoredOperation,
): Promise<boolean> {
  const { purchases, customers } = core.stores;
  const purchase = await purchases.byOperation(core.database.direct, id);
  const buyer =
    purchase?.customerId && (await customers.find(core.database.direct, tenantId, purchase.customerId));
  if (!buyer) return true;
  try {
    const shown = await read(core, connection, 'lookupCustomer', { identifier, holds: [] }, termsOf(till));
    return Object.entries(shown.providerRefs).some(([name, value]) => buyer.refs[name] === value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // An unknown customer may be new or not exist: the purchase decides.
    if (error.code === 'customer-not-found') return false;
    throw connection.closed || error.status >= NOT_THE_BUYER ? undecided(error, id) : error;
  }
}

/** Not "nothing was booked": if the buyer is the same, their sale stands. */
const undecided = ({ code, members }: Refusal, operationId: string): Refusal =>
  new Refusal(code, { ...members, outcome: 'unknown', operationId });
