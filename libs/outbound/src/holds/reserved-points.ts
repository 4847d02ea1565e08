import {
  Refusal,
  comparePoints,
  errorTable,
  floorPoints,
  isZeroPoints,
  leastPoints,
  subtractPoints,
} from '#canonical';
import type { CustomerData, Points, Who } from '#canonical';
import type { OpenTx, StoredHold } from '#persistence';
import { resolveWho } from '../reads/resolve-who.js';
import type { ResolvedCustomer } from '../reads/resolve-who.js';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { read } from '../reads/read.js';
import type { ReadTerms } from '../reads/read.js';

/** A customer whose balance was just read at the provider. */
export interface Holder {
  customerId: string;
  balancePoints: Points;
  /** When the look began, in Postgres's clock: spends that ended since may be missing from the balance. */
  readAt?: Date;
}

/** How long a look at a balance may take, in milliseconds. */
const LOOK_MS = 3_000;
/** The same for a caller who does not wait: nothing can be accepted without it. Short enough that this answer comes before the one in place of a route that is late. */
const UNAWAITED_LOOK_MS = 2_500;

/** Whether the gateway itself keeps holds for this connection. */
export function keepsAdvisoryHolds({ adapter, settings }: OpenConnection): boolean {
  const declared = adapter.operations.createHold;
  return declared.support === 'advisory' && declared.traits.unless?.(settings) === undefined;
}

/** The moment before a look at a balance, for `Holder.readAt`: a spend that ends later may be missing from what is read; `undefined` where the gateway keeps no holds, and so counts no points. */
export const beforeLook = async (core: Core, connection: OpenConnection): Promise<Date | undefined> =>
  keepsAdvisoryHolds(connection) ? core.database.clock() : undefined;

/** Reads who it is and what they have: advisory holds are counted against the balance at this moment. `undefined` for somebody whom the provider does not know: they have nothing to hold. Throws the provider's refusal; 503 when the balance cannot be read. */
export async function holderOf(
  core: Core,
  connection: OpenConnection,
  who: Who,
  waitMs = LOOK_MS,
): Promise<Holder | undefined> {
  const { direct } = core.database;
  const known = await resolveWho(core, direct, connection, who);
  const readAt = await beforeLook(core, connection);
  const lookMs = waitMs === 0 ? UNAWAITED_LOOK_MS : Math.min(LOOK_MS, waitMs);
  const customer = await readCustomer(core, connection, known, lookMs).catch(asWrite);
  if (!customer || Object.keys(customer.providerRefs).length === 0) return undefined;
  const owner = belongingTo(connection);
  const customerId = await core.stores.customers.upsert(direct, owner, customer.providerRefs);
  if (known.customerId && known.customerId !== customerId)
    throw new Refusal('identity-token-expired', {
      detail: 'What was shown at the till now belongs to another customer. Look the customer up again.',
    });
  return { customerId, balancePoints: customer.balancePoints ?? '0', readAt };
}

async function readCustomer(
  core: Core,
  connection: OpenConnection,
  { subject: { identifier, refs } }: ResolvedCustomer,
  waitMs: number,
): Promise<CustomerData | undefined> {
  const end = performance.now() + waitMs;
  const terms = (): ReadTerms => ({ waitMs: Math.max(0, end - performance.now()), letIn: true });
  if (identifier) {
    try {
      return await read(core, connection, 'lookupCustomer', { identifier, holds: [] }, terms());
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'customer-not-found') throw error;
      // A code may have ended since the look-up; whoever it led to is still known.
      if (!refs) return undefined;
    }
  }
  return read(core, connection, 'getCustomer', { refs: refs ?? {} }, terms());
}

/** A read's "I do not know" in the words of a write: nothing was sent, and the same request may be repeated. */
function asWrite(error: unknown): never {
  if (error instanceof Refusal && [502, 504].includes(errorTable[error.code].status))
    throw new Refusal('provider-unavailable', {
      detail: 'The customer’s balance could not be read, so nothing was reserved and nothing was sent.',
      cause: error,
    });
  throw error;
}

/** What of a balance is not promised to anybody: read inside the customer's lock, so that two tills cannot both count on it. */
export async function freePoints(
  core: Core,
  tx: OpenTx,
  connection: OpenConnection,
  { customerId: customer, balancePoints, readAt }: Holder,
  except: readonly StoredHold[],
): Promise<Points> {
  const of = { connectionId: connection.id, customer };
  await core.stores.balances.lock(tx, of.connectionId, customer);
  const ids = except.map(hold => hold.id);
  const reserved = await core.stores.balances.reserved(tx, of, { except: ids, now: core.now(), readAt });
  // Rounded up by rounding the rest down: a fraction that is promised is not free.
  const free = floorPoints(subtractPoints(balancePoints, reserved));
  return comparePoints(free, '0') > 0 ? free : '0';
}

/** Refuses a spend of points that a hold promises to another till. `holder` is absent where the gateway keeps no holds. */
export async function assertUnreserved(
  core: Core,
  tx: OpenTx,
  connection: OpenConnection,
  spend: { holder?: Holder; redeem?: Points; holds: readonly StoredHold[] },
): Promise<void> {
  const { holder, redeem = '0', holds } = spend;
  if (!holder || isZeroPoints(redeem)) return;
  assertFree(holder, redeem, await freePoints(core, tx, connection, holder, holds));
}

/** Refuses to redeem points of a balance that are promised to another till. Throws `insufficient-points`. */
export function assertFree({ balancePoints }: Holder, redeem: Points, free: Points): void {
  // More than the balance is the provider's to refuse: it knows the rules; we only guard what we promised.
  if (comparePoints(leastPoints(redeem, balancePoints), free) <= 0) return;
  throw new Refusal('insufficient-points', {
    detail: `${free} points are available; the rest is held for another sale of this customer.`,
    maxRedeemPoints: free,
  });
}
