import { Refusal } from '#canonical';
import type { Hold } from '#canonical';
import type { StoredHold, Tx } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import type { Scene } from './kinds/kind.js';

/** A purchase stands: the holds that it named are used up. */
export async function consumeHolds({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<void> {
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  for (const hold of await core.stores.holds.findAll(
    tx,
    operation.tenantId,
    operation.connectionId,
    purchase?.holdIds ?? [],
  )) {
    if (
      await core.stores.holds.move(tx, hold.id, {
        from: ['active', 'doubtful'],
        to: 'consumed',
        consumedBy: purchase!.id,
      })
    ) {
      await tellHold(core, tx, hold, 'consumed');
    }
  }
}

/** A purchase was sent and its answer is lost: whether it used up its holds is not known. */
export async function doubtHolds({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<void> {
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  for (const hold of await core.stores.holds.findAll(
    tx,
    operation.tenantId,
    operation.connectionId,
    purchase?.holdIds ?? [],
  )) {
    await doubt(core, tx, hold);
  }
}

/** A purchase that was lost for a while did not happen: its holds reserve their points as before, until their time. */
export async function reviveHolds({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<void> {
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  for (const hold of await core.stores.holds.findAll(
    tx,
    operation.tenantId,
    operation.connectionId,
    purchase?.holdIds ?? [],
  )) {
    await core.stores.holds.move(tx, hold.id, { from: ['doubtful'], to: 'active' });
  }
}

/** Some providers drop a point of sale's holds when anything is booked there: the others' fate is not known from here on. */
export async function disturbHolds(
  { core, tx, operation, connection }: Scene,
  locationId: string | undefined,
): Promise<void> {
  const place = locationAt(connection, locationId);
  if (place === null || !endsWithOperations(connection)) return;
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  for (const hold of await core.stores.holds.othersAt(tx, connection.id, place, purchase?.holdIds ?? [])) {
    await doubt(core, tx, hold);
  }
}

/** The point of sale of a request, or the connection's own. */
export const locationAt = (
  connection: Pick<OpenConnection, 'settings'>,
  locationId: string | undefined,
): string | null => locationId ?? (connection.settings.defaultPoint as string | undefined) ?? null;

function endsWithOperations({ adapter }: OpenConnection): boolean {
  const answer = adapter.operations.createHold;
  return (
    answer.support !== 'no' &&
    answer.support !== 'advisory' &&
    answer.traits.endedBy === 'operation-at-location'
  );
}

async function doubt(core: Core, tx: Tx, hold: StoredHold): Promise<void> {
  if (await core.stores.holds.move(tx, hold.id, { from: ['active'], to: 'doubtful' }))
    await tellHold(core, tx, hold, 'doubtful');
}

/** An event of a hold, in the transaction of its change. */
export const tellHold = (core: Core, tx: Tx, hold: StoredHold, what: string): Promise<void> =>
  core.stores.events.append(tx, {
    tenantId: hold.tenantId,
    connectionId: hold.connectionId,
    type: `hold.${what}`,
    resourceType: 'hold',
    resourceId: hold.id,
    data: { state: what === 'created' ? 'active' : what },
  });

/** A hold as it truly stands now: past its time it is expired, and whoever finds that out writes it. */
export async function currentHold(core: Core, hold: StoredHold): Promise<StoredHold> {
  if (!isLive(hold) || hold.expiresAt > core.now()) return hold;
  return core.database.transaction(async tx => {
    const moved = await core.stores.holds.move(tx, hold.id, { from: ['active', 'doubtful'], to: 'expired' });
    if (moved) await tellHold(core, tx, hold, 'expired');
    return (await core.stores.holds.find(tx, hold.tenantId, hold.id))!;
  });
}

const isLive = ({ state }: StoredHold): boolean => state === 'active' || state === 'doubtful';

const BATCH = 500;

/** Settles every hold whose time has come; any number of processes may do it at once. Returns how many. */
export async function expireHolds(core: Core): Promise<number> {
  for (let total = 0; ;) {
    const settled = await core.database.transaction(async tx => {
      const holds = await core.stores.holds.expireDue(tx, core.now(), BATCH);
      for (const hold of holds) await tellHold(core, tx, hold, 'expired');
      return holds.length;
    });
    total += settled;
    if (settled < BATCH) return total;
  }
}

/** How far ahead the sweep makes sure that jobs stand. */
const AHEAD_MS = 15_000;

/** Puts back the jobs of the next seconds, should the queue have lost them. */
export async function rebuildExpiryJobs(core: Core): Promise<void> {
  const until = new Date(core.now().getTime() + AHEAD_MS);
  for (const second of await core.stores.holds.expirySeconds(core.database.direct, until))
    await core.jobs.holdExpiry(second);
}

/** The holds that a request names, each usable now. Throws `not-found`, `hold-expired`, `state-conflict`. */
export async function usableHolds(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  ids: readonly string[],
): Promise<StoredHold[]> {
  const holds = await core.stores.holds.findAll(tx, connection.tenantId, connection.id, ids);
  return ids.map(id => {
    const hold = holds.find(one => one.id === id);
    if (!hold)
      throw new Refusal('not-found', {
        detail: `There is no hold ${id} at the connection ${connection.slug}.`,
      });
    if (hold.state === 'expired' || (isLive(hold) && hold.expiresAt <= core.now())) {
      throw new Refusal('hold-expired', {
        detail: `The hold ${id} ended at ${hold.expiresAt.toISOString()}.`,
      });
    }
    if (!isLive(hold)) throw new Refusal('state-conflict', { detail: `The hold ${id} is ${hold.state}.` });
    return hold;
  });
}

/** A hold as the API shows it. */
export function holdView(hold: StoredHold): Hold {
  return {
    id: hold.id,
    guarantee: hold.guarantee as Hold['guarantee'],
    state: hold.state,
    ...(hold.customerId ? { customerId: hold.customerId } : {}),
    ...(hold.locationId ? { locationId: hold.locationId } : {}),
    points: hold.points.replace(/\.?0+$/, ''),
    expiresAt: hold.expiresAt.toISOString(),
    providerRefs: hold.providerRefs,
    operationId: hold.operationId,
    ...(hold.release ? { release: hold.release as unknown as Hold['release'] } : {}),
  };
}
