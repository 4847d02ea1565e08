import type { HoldStanding, HoldTraits, Send } from '#adapter-kit';
import type { Around, Doubted, OpenTx, StoredHold, StoredOperation, Tx } from '#persistence';
import { READ_MS } from '../core/timeouts.js';
import { connectionOf, sealedConnectionOf } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { makeExchange } from '../calls/exchange.js';
import { locationAt, emitHoldEvent, wakeHolds } from './holds.js';
import { LaneStoreDown } from '../lanes/lanes.js';
import { runPlan } from '../run/run-plan.js';

/** An operation that may have ended holds, inside the transaction that writes what became of it. */
export interface Disturbance {
  core: Core;
  tx: OpenTx;
  operation: Pick<StoredOperation, 'id' | 'connectionId'>;
}

/** When a hold is first asked about: a till that sells fast must not be followed call by call. */
const FIRST_PROBE_MS = 2_000;
const PAUSES_MS = [3_000, 10_000, 30_000];
const LONGEST_PAUSE_MS = 60_000;
const AT_ONCE = 20;
/** After how long another process may ask about a hold that one is asking about, in milliseconds: longer than a question takes. */
const ASKED_WITHIN_MS = 12_000;
const LANE_BUDGET_MS = 3_000;

/** What the adapter says of the holds that the provider itself keeps; `undefined` where it keeps none. */
export function holdTraits({ adapter }: Pick<OpenConnection, 'adapter'>): HoldTraits | undefined {
  const declared = adapter.operations.createHold;
  return declared.support === 'no' || declared.support === 'advisory' ? undefined : declared.traits;
}

/** The holds that a purchase may end at a provider that drops a point of sale's other holds then; locked until the transaction ends, together with those that it names. `undefined` where no provider does. */
export async function holdsAround(at: Disturbance, known?: OpenConnection): Promise<Around | undefined> {
  const { core, tx, operation } = at;
  const connection = known ?? (await sealedConnectionOf(core, operation, tx));
  if (!connection || !holdTraits(connection)?.endedBy) return undefined;
  const { purchases, operations, doubts } = core.stores;
  const purchase = await purchases.byOperation(tx, operation.id);
  const row = await operations.byId(tx, operation.id);
  const around = {
    connectionId: operation.connectionId,
    locationId: locationAt(connection, purchase?.locationId ?? undefined),
    customer: purchase?.customerId ?? row?.customerLock,
    except: purchase?.holdIds ?? [],
  };
  await doubts.lock(tx, around);
  return around;
}

/** A purchase was, or may have been, booked: the holds around it are in doubt until somebody asks. */
export async function disturbHolds(
  { core, tx, operation }: Disturbance,
  around: Around | undefined,
): Promise<void> {
  if (around) await emitDoubts(core, tx, await core.stores.doubts.doubtAround(tx, around, operation.id));
}

/** Puts holds in doubt by an operation whose answer was lost. */
export async function doubtHolds(
  { core, tx, operation }: Disturbance,
  ids: readonly string[],
): Promise<void> {
  await emitDoubts(core, tx, await core.stores.doubts.doubt(tx, ids, operation.id));
}

/** The operation was not executed: nothing that it put in doubt was ended by it, and the holds of a purchase or a release are free again and reserve their points as before, until their time. */
export async function clearDoubts({ core, tx, operation }: Disturbance): Promise<void> {
  await emitDoubts(core, tx, await core.stores.doubts.clear(tx, operation.id, core.now()));
}

/** Tells of holds whose state changed, and has the doubtful ones asked about soon. */
export async function emitDoubts(core: Core, tx: Tx, changed: readonly Doubted[]): Promise<void> {
  for (const { id, before, state } of changed) {
    if (before !== state) await emitHoldEvent(core, tx, (await core.stores.holds.byId(tx, id))!, state);
  }
  const open = changed.filter(({ state }) => state === 'doubtful').map(({ id }) => id);
  if (open.length === 0) return;
  const at = new Date(core.now().getTime() + FIRST_PROBE_MS);
  await core.stores.doubts.probeAt(tx, open, at);
  wakeHolds(core, at);
}

/** Asks the providers about doubtful holds whose question is due; any number of processes may do it at once. */
export async function settleDoubts(core: Core): Promise<void> {
  const now = core.now();
  const again = new Date(now.getTime() + ASKED_WITHIN_MS);
  const due = await core.stores.doubts.takeDue(core.database.direct, now, again, AT_ONCE);
  await Promise.all(
    due.map(hold =>
      settleDoubt(core, hold).catch(error =>
        core.log('warn', 'a doubtful hold could not be asked about', {
          holdId: hold.id,
          error: String(error),
        }),
      ),
    ),
  );
}

async function settleDoubt(core: Core, hold: StoredHold): Promise<void> {
  const { doubts } = core.stores;
  const connection = await connectionOf(core, hold);
  if (!connection || !holdTraits(connection)?.probe || !hold.customerId)
    return doubts.putOff(core.database.direct, hold.id, null);
  const standing = (await doubts.askable(core.database.direct, hold))
    ? await standingOf(core, connection, hold)
    : 'unclear';
  const settled = standing !== 'unclear' && (await storeStanding(core, hold, standing));
  if (settled) return;
  const pause = PAUSES_MS[hold.probes - 1] ?? LONGEST_PAUSE_MS;
  const at = new Date(core.now().getTime() + pause);
  await doubts.putOff(core.database.direct, hold.id, at);
  wakeHolds(core, at);
}

/** What the provider says of a hold; whatever goes wrong on the way says nothing. */
async function standingOf(core: Core, connection: OpenConnection, hold: StoredHold): Promise<HoldStanding> {
  const customer = await core.stores.customers.find(core.database.direct, hold.tenantId, hold.customerId!);
  const context = { settings: connection.settings, now: core.now() };
  const ask = {
    hold: { refs: hold.providerRefs, points: hold.points },
    customer: customer?.refs ?? {},
    locationId: hold.locationId ?? undefined,
  };
  const make = (send: Send) =>
    makeExchange(
      core,
      connection,
      { ...send, context },
      { laneClass: 'reconcile', laneBudgetMs: LANE_BUDGET_MS, timeoutMs: READ_MS },
    );
  try {
    const end = await runPlan(holdTraits(connection)!.probe!.run(ask, context), make);
    return end.kind === 'done' ? end.result : 'unclear';
  } catch (error) {
    if (error instanceof LaneStoreDown) return 'unclear';
    throw error;
  }
}

function storeStanding(core: Core, hold: StoredHold, standing: 'stands' | 'gone'): Promise<boolean> {
  const state = standing === 'stands' ? 'active' : 'expired';
  const now = core.now();
  const release = { reason: 'dropped by the provider', at: now.toISOString(), verified: true };
  return core.database.transaction(async tx => {
    const dropped = state === 'expired' ? release : undefined;
    const settled = await core.stores.doubts.settle(tx, hold, state, now, dropped);
    if (settled) await emitHoldEvent(core, tx, hold, state);
    return settled;
  });
}
