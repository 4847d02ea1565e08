import { Refusal } from '#canonical';
import type { Hold, HoldState } from '#canonical';
import type { HoldRequest, StoredHold, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';

/** The point of sale of a request, or the connection's own. */
export const locationAt = (
  connection: Pick<OpenConnection, 'settings'>,
  locationId: string | undefined,
): string | null => locationId ?? (connection.settings.defaultPoint as string | undefined) ?? null;

/** An event of a hold, in the transaction of its change. */
export const emitHoldEvent = (
  core: Core,
  tx: Tx,
  hold: StoredHold,
  what: 'created' | HoldState,
): Promise<void> =>
  core.stores.events.append(tx, {
    tenantId: hold.tenantId,
    connectionId: hold.connectionId,
    type: `hold.${what}`,
    resourceType: 'hold',
    resourceId: hold.id,
    data: { state: what === 'created' ? 'active' : what },
  });

// The provider can be told of it: one that is still being made, or whose answer was lost, has no number there.
const isKnown = ({ guarantee, providerRefs }: StoredHold): boolean =>
  guarantee === 'advisory' || Object.keys(providerRefs).length > 0;

/** Whether its points may still be held; its time may be over all the same. */
export const isLive = ({ state }: StoredHold): boolean => state === 'active' || state === 'doubtful';

const BATCH = 500;

/** Settles every hold whose time has come; any number of processes may do it at once. Returns how many. */
export async function expireHolds(core: Core): Promise<number> {
  for (let total = 0; ;) {
    const settled = await core.database.transaction(async tx => {
      const holds = await core.stores.holds.expireDue(tx, core.now(), BATCH);
      for (const hold of holds) await emitHoldEvent(core, tx, hold, 'expired');
      return holds.length;
    });
    total += settled;
    if (settled < BATCH) return total;
  }
}

/** Asks for the holds to be looked at in the second in which a moment lies. The time stamps in the rows are the truth; the job is only sooner than the sweep. */
export function wakeHolds(core: Core, at: Date): void {
  core.background.run(core.jobs.holdExpiry(Math.ceil(at.getTime() / 1_000)), () => undefined);
}

/** How far ahead the sweep makes sure that jobs stand. */
const AHEAD_MS = 15_000;

/** Puts back the jobs of the next seconds, should the queue have lost them. */
export async function rebuildExpiryJobs(core: Core): Promise<void> {
  const until = new Date(core.now().getTime() + AHEAD_MS);
  for (const second of await core.stores.holds.expirySeconds(core.database.direct, until))
    await core.jobs.holdExpiry(second);
}

/** The holds that a request names, each once and usable now. Throws `not-found`, `hold-expired`, `state-conflict`. */
export async function usableHolds(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  ids: readonly string[],
): Promise<StoredHold[]> {
  const holds = await core.stores.holds.findAll(tx, connection.tenantId, connection.id, ids);
  const nameless = holds.filter(hold => isLive(hold) && !isKnown(hold)).map(({ id }) => id);
  const beingMade = await core.stores.holds.beingMade(tx, nameless);
  return [...new Set(ids)].map(id => {
    const hold = holds.find(one => one.id === id);
    if (!hold)
      throw new Refusal('not-found', {
        detail: `There is no hold ${id} at the connection ${connection.slug}.`,
      });
    const request = beingMade.find(one => one.id === id);
    // Its time does not count yet: that begins when its request is sent.
    if (request) throw stillBeingMade(request);
    if (hold.state === 'expired' || (isLive(hold) && hold.expiresAt <= core.now())) {
      throw new Refusal('hold-expired', { detail: `The hold ${id} ended at ${endOf(hold)}.` });
    }
    if (!isLive(hold)) throw new Refusal('state-conflict', { detail: `The hold ${id} is ${hold.state}.` });
    return hold;
  });
}

// The provider cannot be told of it yet: its points would be missing from the sale that names it, and stay held when that is done.
function stillBeingMade({ id, operationId, state }: HoldRequest): Refusal {
  const read = `read GET /v1/operations/${operationId}, then try again`;
  const why =
    state === 'queued'
      ? `it has not been sent yet; ${read}, or withdraw it by POST /v1/operations/${operationId}/cancel`
      : `its answer may still come; ${read}`;
  return new Refusal('state-conflict', { detail: `The hold ${id} is still being made: ${why}.` });
}

// One that the provider dropped ended before its time, so that the time alone would lie in the future.
function endOf(hold: StoredHold): string {
  const { expiresAt, release } = holdView(hold);
  return release ? `${release.at}: ${release.reason}` : expiresAt;
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
