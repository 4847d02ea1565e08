import { Refusal } from '#canonical';
import { read, waitForEnd } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredOperation } from '#persistence';
import type { Core } from '../core.js';
import { intentStateOf, isOver } from './attempt.js';
import { nameOf } from './intent.js';
import type { Sale } from './sale.js';
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

// Identifies a sale without buyer and points: after a missing answer, cashiers ask for another code, or sell without
// points.
function markOf(
  core: Core,
  { caller }: Till,
  { connection, sale }: NumberedSale,
  connectionId = connection.id,
) {
  const { invoiceNumber, total } = sale;
  if (invoiceNumber === undefined) return undefined;
  const parts = [caller.keyId, connectionId, 'in doubt', invoiceNumber, total];
  return { tenantId: caller.tenantId, key: `doubt-${nameOf(core, parts)}` };
}

/** Runs a sale. While it runs, and afterwards if the till did not learn the outcome, a mark is kept for `earlierOf`. */
export async function rememberingDoubt<T>(
  core: Core,
  till: Till,
  asked: NumberedSale,
  sell: () => Promise<T>,
): Promise<T> {
  // Before the sale: if the process dies in the middle, the till gets no answer and asks for another code.
  const marked = await markRunning(core, till, asked);
  const forget = () => marked && core.background.run(forgetMark(core, till, asked), () => undefined);
  try {
    const done = await sell();
    if (till.isGone()) await remember(core, till, asked);
    else forget();
    return done;
  } catch (error) {
    if (isUnsure(error)) await remember(core, till, asked);
    else forget();
    throw error;
  }
}

/** Marks the sale as running. False = there is already a mark, of this sale or of an earlier unknown one; it is kept. */
async function markRunning(core: Core, till: Till, asked: NumberedSale): Promise<boolean> {
  const mark = markOf(core, till, asked);
  if (!mark) return false;
  const { database, stores } = core;
  return (await stores.idempotency.take(database.direct, { ...mark, fingerprint: asked.reference })) === null;
}

async function forgetMark(core: Core, till: Till, asked: NumberedSale): Promise<void> {
  const { tenantId, key } = markOf(core, till, asked)!;
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
async function remember(core: Core, till: Till, asked: NumberedSale): Promise<void> {
  const mark = markOf(core, till, asked);
  if (!mark) return;
  const { idempotency } = core.stores;
  const kept = core.database.transaction(async tx => {
    await idempotency.release(tx, mark.tenantId, mark.key);
    await idempotency.take(tx, { ...mark, fingerprint: asked.reference });
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
  connectionId?: string,
): Promise<Earlier | undefined> {
  const mark = markOf(core, till, asked, connectionId);
  if (mark) await beingForgotten.get(mark.key)?.catch(() => undefined);
  const known = mark && (await core.stores.idempotency.find(core.database.direct, mark.tenantId, mark.key));
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
  { waitMs, timing, audience }: Till,
  { connection, sale: { identifier } }: NumberedSale,
  { id, tenantId }: StoredOperation,
): Promise<boolean> {
  const { purchases, customers } = core.stores;
  const purchase = await purchases.byOperation(core.database.direct, id);
  const buyer =
    purchase?.customerId && (await customers.find(core.database.direct, tenantId, purchase.customerId));
  if (!buyer) return true;
  const terms = { waitMs, timing, language: audience.language };
  try {
    const shown = await read(core, connection, 'lookupCustomer', { identifier, holds: [] }, terms);
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
