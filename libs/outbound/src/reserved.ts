import { Refusal, comparePoints, floorPoints, isZeroPoints, leastPoints, subtractPoints } from '#canonical';
import type { CustomerData, Points, Who } from '#canonical';
import type { StoredHold, Tx } from '#persistence';
import { byCustomer, resolveWho } from './who.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { read } from './read.js';

/** A customer whose balance was just read at the provider. */
export interface Holder {
  customerId: string;
  balancePoints: Points;
}

const LOOK_MS = 3_000;

/** Whether the gateway itself keeps holds for this connection. */
export function keepsAdvisoryHolds({ adapter, settings }: OpenConnection): boolean {
  const answer = adapter.operations.createHold;
  return answer.support === 'advisory' && answer.traits.unless?.(settings) === undefined;
}

/** Reads who it is and what they have: advisory holds are counted against the balance at this moment. */
export async function holderOf(core: Core, connection: OpenConnection, who: Who): Promise<Holder> {
  const tx = core.database.direct;
  const known = await resolveWho(core, tx, connection, who);
  const customer = await readCustomer(core, connection, known.subject);
  const customerId = await core.stores.customers.upsert(
    tx,
    { tenantId: connection.tenantId, connectionId: connection.id },
    customer.providerRefs,
  );
  return { customerId, balancePoints: customer.balancePoints ?? '0' };
}

function readCustomer(
  core: Core,
  connection: OpenConnection,
  subject: Awaited<ReturnType<typeof byCustomer>>['subject'],
): Promise<CustomerData> {
  const terms = { waitMs: LOOK_MS };
  if (subject.identifier)
    return read(core, connection, 'lookupCustomer', { identifier: subject.identifier, holds: [] }, terms);
  return read(core, connection, 'getCustomer', { refs: subject.refs ?? {} }, terms);
}

/** What of a balance is not promised to anybody: read inside the customer's lock, so that two tills cannot both count on it. */
export async function freePoints(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  holder: Holder,
  except: readonly StoredHold[],
): Promise<Points> {
  await core.stores.holds.lockCustomer(tx, connection.id, holder.customerId);
  const ids = except.map(hold => hold.id);
  const reserved = await core.stores.holds.reserved(tx, connection.id, holder.customerId, ids, core.now());
  const free = subtractPoints(holder.balancePoints, floorPoints(reserved));
  return comparePoints(free, '0') > 0 ? free : '0';
}

/** Refuses a spend of points that a hold promises to another till. `holder` is absent where the gateway keeps no holds. */
export async function assertUnreserved(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  spend: { holder?: Holder; redeem?: Points; holds: readonly StoredHold[] },
): Promise<void> {
  const { holder, redeem = '0', holds } = spend;
  if (!holder || isZeroPoints(redeem)) return;
  const free = await freePoints(core, tx, connection, holder, holds);
  // More than the balance is the provider's to refuse: it knows the rules; we only guard what we promised.
  const wanted = leastPoints(redeem, holder.balancePoints);
  if (comparePoints(wanted, free) <= 0) return;
  throw new Refusal('insufficient-points', {
    detail: `${free} points are free; the rest is held for another sale of this customer.`,
    maxRedeemPoints: free,
  });
}
