import { registry } from '#adapters';
import { laneIdOf } from '#canonical';
import type { LaneDepth, LaneView } from '#canonical';
import type { StoredConnection, Tx } from '#persistence';
import { laneOf } from './connection.js';
import type { Core } from './core.js';
import type { Lane, LaneUse } from './lanes/lanes.js';

type Depths = Awaited<ReturnType<Core['stores']['operations']['depths']>>;

/**
 * The lanes of a tenant's connections as the API shows them, by fingerprint; a lane that other tenants share tells nothing
 * of them. `tx` is for a caller inside a transaction, which must not wait for a second connection of the pool.
 */
export async function laneViews(
  core: Core,
  tenantId: string,
  connections: readonly StoredConnection[],
  tx: Tx = core.database.direct,
): Promise<Map<string, LaneView>> {
  const lanes = lanesOf(connections);
  // Without its store a lane has no figures; what is asked for is shown all the same.
  const uses = await core.lanes.use([...lanes.values()]).catch((): LaneUse[] => []);
  const depths = await core.stores.operations.depths(tx, tenantId);
  const saturated = await core.stores.laneStates.saturated(tx, [...lanes.keys()]);
  return new Map(
    [...lanes].map(([fingerprint, lane]) => {
      const users = connections.filter(one => one.lane === fingerprint);
      const use = uses.find(one => one.fingerprint === fingerprint);
      const facts = { lane, users, use, depths, saturated: saturated.has(fingerprint) };
      return [fingerprint, laneView(core, facts)];
    }),
  );
}

/** One lane a fingerprint: where connections chose different limits, the slowest is shown. */
function lanesOf(connections: readonly StoredConnection[]): Map<string, Lane> {
  const lanes = new Map<string, Lane>();
  for (const one of connections) {
    const lane = laneOf(registry[one.provider]!.adapter, one);
    const known = lanes.get(lane.fingerprint);
    if (!known || lane.requests < known.requests) lanes.set(lane.fingerprint, lane);
  }
  return lanes;
}

interface LaneFacts {
  lane: Lane;
  users: readonly StoredConnection[];
  use?: LaneUse;
  depths: Depths;
  saturated: boolean;
}

function laneView(core: Core, { lane, users, use, depths, saturated }: LaneFacts): LaneView {
  const { fingerprint, requests, perMs } = lane;
  const waiting = waitingIn(depths, fingerprint, core.laneWatch.standing(fingerprint));
  const pausedMs = use?.pausedMs ?? 0;
  const breaker = core.breakers.of(fingerprint);
  return {
    id: laneIdOf(fingerprint),
    provider: users[0]!.provider,
    connectionIds: users.map(({ id }) => id),
    limit: { requests, perMs },
    slotsUsed: use?.slotsUsed ?? 0,
    waiting,
    etaMs: Math.max(pausedMs, breaker.isOpen() ? breaker.retryAfterMs() : 0) + waitBehind(lane, waiting, use),
    saturated,
    breaker: breaker.state,
    ...(pausedMs > 0 && { pausedUntil: new Date(core.now().getTime() + pausedMs).toISOString() }),
  };
}

/** Queued rows of every process, and the reads that stand in this one's lanes. */
function waitingIn(depths: Depths, fingerprint: string, standing: LaneDepth): LaneDepth {
  const waiting = { ...standing };
  for (const { lane, laneClass, state, count } of depths) {
    if (lane !== fingerprint) continue;
    if (state === 'unknown') waiting.reconcile += count;
    else if (state === 'queued' && laneClass in waiting) waiting[laneClass as keyof LaneDepth] += count;
  }
  return waiting;
}

// Unknown outcomes are looked up on a schedule of their own: they are no queue.
function waitBehind({ requests, perMs }: Lane, waiting: LaneDepth, use?: LaneUse): number {
  const before = waiting.interactive + waiting.write + waiting.bulk;
  const full = (use?.slotsUsed ?? 0) >= requests;
  return Math.ceil(((before + (full ? 1 : 0)) * perMs) / requests);
}
