import { registry } from '#adapters';
import type { LaneView } from '#canonical';
import { laneOf } from '#outbound';
import type { Lane, LaneUse } from '#outbound';
import type { StoredConnection } from '#persistence';
import type { Core } from '../core.js';

type Depths = Awaited<ReturnType<Core['stores']['operations']['depths']>>;

/** The lanes of a tenant's connections, by fingerprint; a lane that other tenants share tells nothing of them. */
export async function laneViews(
  core: Core,
  tenantId: string,
  connections: readonly StoredConnection[],
): Promise<Map<string, LaneView>> {
  const lanes = new Map<string, Lane>();
  for (const one of connections) {
    const lane = laneOf(registry[one.provider]!.adapter, one);
    const known = lanes.get(lane.fingerprint);
    if (!known || lane.requests < known.requests) lanes.set(lane.fingerprint, lane);
  }
  const [uses, depths] = await Promise.all([
    // Without its store a lane has no figures; the connection is shown all the same.
    core.lanes.use([...lanes.values()]).catch((): LaneUse[] => []),
    core.stores.operations.depths(core.database.direct, tenantId),
  ]);
  return new Map(
    [...lanes].map(([fingerprint, lane]) => {
      const users = connections.filter(one => one.lane === fingerprint);
      const use = uses.find(one => one.fingerprint === fingerprint);
      return [fingerprint, laneView(core, { lane, users, use, depths })];
    }),
  );
}

interface LaneFacts {
  lane: Lane;
  users: readonly StoredConnection[];
  use?: LaneUse;
  depths: Depths;
}

function laneView(core: Core, { lane, users, use, depths }: LaneFacts): LaneView {
  const waiting = { interactive: 0, write: 0, reconcile: 0, bulk: 0 };
  for (const { lane: of, laneClass, state, count } of depths) {
    if (of !== lane.fingerprint) continue;
    if (state === 'unknown') waiting.reconcile += count;
    else if (state === 'queued' && laneClass in waiting) waiting[laneClass as keyof typeof waiting] += count;
  }
  const slotsUsed = use?.slotsUsed ?? 0;
  const pausedMs = use?.pausedMs ?? 0;
  const waits = waiting.interactive + waiting.write + waiting.bulk > 0;
  return {
    id: lane.fingerprint,
    provider: users[0]!.provider,
    connectionIds: users.map(({ id }) => id),
    limit: { requests: lane.requests, perMs: lane.perMs },
    slotsUsed,
    waiting,
    saturated: pausedMs > 0 || (waits && slotsUsed >= lane.requests),
    ...(pausedMs > 0 && { pausedUntil: new Date(core.now().getTime() + pausedMs).toISOString() }),
  };
}
