import { registry } from '#adapters';
import { laneIdOf } from '#canonical';
import type { LaneDepth, LaneView } from '#canonical';
import type { StoredConnection, Tx } from '#persistence';
import { laneOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Lane, LaneUse } from './lanes.js';
import { queueMs } from './lane-rules.js';

type Depths = Awaited<ReturnType<Core['stores']['backlog']['depths']>>;

/**
 * The lanes of a tenant's connections as the API shows them, by fingerprint. Of other tenants with the same credential it shows
 * neither connections nor what they have queued, only what is the lane's own: its starts, its pause and its breaker.
 * `tx` is for a caller inside a transaction, which must not wait for a second connection of the pool.
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
  const depths = await core.stores.backlog.depths(tx, tenantId);
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

/** One lane a fingerprint: where connections chose different limits, the lane gives as many starts as the least modest of them takes. */
function lanesOf(connections: readonly StoredConnection[]): Map<string, Lane> {
  const lanes = new Map<string, Lane>();
  for (const one of connections) {
    const lane = laneOf(registry[one.provider]!.adapter, one);
    const known = lanes.get(lane.fingerprint);
    if (!known || lane.requests > known.requests) lanes.set(lane.fingerprint, lane);
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

function laneView(core: Core, facts: LaneFacts): LaneView {
  const { lane, users, use, saturated } = facts;
  const { fingerprint, requests, perMs } = lane;
  const standing = core.laneWatch.standing(fingerprint);
  const pausedMs = use?.pausedMs ?? 0;
  const breaker = core.breakers.of(fingerprint);
  const closedForMs = Math.max(pausedMs, breaker.openForMs());
  return {
    id: laneIdOf(fingerprint),
    provider: users[0]!.provider,
    connectionIds: users.map(({ id }) => id),
    limit: { requests, perMs },
    slotsUsed: use?.slotsUsed ?? 0,
    waiting: waitingIn(facts, standing),
    etaMs: closedForMs + waitBehind(facts, standing),
    saturated,
    breaker: breaker.state,
    ...(pausedMs > 0 && { pausedUntil: new Date(core.now().getTime() + pausedMs).toISOString() }),
  };
}

/** Queued rows of every process, and the reads that stand in this one's lanes. */
function waitingIn({ lane, depths }: LaneFacts, standing: LaneDepth): LaneDepth {
  const waiting = { ...standing };
  for (const { lane: fingerprint, laneClass, state, count } of depths) {
    if (fingerprint !== lane.fingerprint) continue;
    if (state === 'unknown') waiting.reconcile += count;
    else if (state === 'queued' && laneClass in waiting) waiting[laneClass as keyof LaneDepth] += count;
  }
  return waiting;
}

// Each row at the pace that its own connection chose. Unknown outcomes are looked up on a schedule of their own, and rows of a paused connection wait for a person: they are no queue.
function waitBehind({ lane, users, use, depths }: LaneFacts, standing: LaneDepth): number {
  const { people = false, slotsUsed = 0 } = use ?? {};
  const paces = new Map(users.map(one => [one.id, laneOf(registry[one.provider]!.adapter, one)]));
  const reads = standing.interactive + standing.write + standing.bulk;
  const full = slotsUsed >= lane.requests ? 1 : 0;
  const rows = depths.filter(row => row.lane === lane.fingerprint && row.state === 'queued' && !row.paused);
  const waits = rows.map(row => queueMs(paces.get(row.connectionId) ?? lane, row.count, people));
  return Math.ceil(waits.reduce((all, one) => all + one, queueMs(lane, reads + full, people)));
}
