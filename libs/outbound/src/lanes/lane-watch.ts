import { laneIdOf } from '#canonical';
import type { ConnectionState, LaneDepth } from '#canonical';
import type { Tx } from '#persistence';
import { LRUCache } from 'lru-cache';
import { stateChanged } from '../connections/move-connection.js';
import type { Core } from '../core/core.js';
import type { Lane, LaneClass, LaneRefusal, Slot } from './lanes.js';
import { queueMs } from './lane-rules.js';

/** A lane that refused nobody for this long is no longer saturated, in milliseconds. */
const QUIET_MS = 10_000;
/** The least interval between two notes about one lane, in milliseconds. */
const TELL_EVERY_MS = 2_000;
const MOST_LANES = 10_000;
/** After how long another process is to try what this one no longer begins, in milliseconds. */
const ELSEWHERE_MS = 2_000;
/** Look-ups of one lane that stand in a worker's places at once, though nobody waits for them: enough to use the lane. */
const MOST_LOOKS = 10;

/** What one process knows of its lanes: reads that wait without a row, and what it has reported already. */
export class LaneWatch {
  readonly #refused = new LRUCache<string, true>({ max: MOST_LANES, ttl: TELL_EVERY_MS });
  readonly #trouble = new LRUCache<string, number>({ max: MOST_LANES });
  readonly #standing = new Map<string, LaneDepth>();
  readonly #looks = new Map<string, number>();
  #closesAt = Infinity;

  /** Counts a read that waits in the lane; call the returned function when it leaves. */
  enter(fingerprint: string, cls: LaneClass): () => void {
    const depth = this.#standing.get(fingerprint) ?? { interactive: 0, write: 0, reconcile: 0, bulk: 0 };
    this.#standing.set(fingerprint, depth);
    depth[cls]++;
    return () => {
      depth[cls]--;
      const empty = Object.values(depth).every(count => count === 0);
      if (empty && this.#standing.get(fingerprint) === depth) this.#standing.delete(fingerprint);
    };
  }

  /** Reads of this process that wait in the lane, by class. */
  standing(fingerprint: string): LaneDepth {
    return this.#standing.get(fingerprint) ?? { interactive: 0, write: 0, reconcile: 0, bulk: 0 };
  }

  /** Counts a look-up that nobody waits for; call the returned function when it ends. `undefined` = enough of its lane are under way: in a lane that recovers, all of them would keep the places of other lanes. */
  look(fingerprint: string): (() => void) | undefined {
    const count = this.#looks.get(fingerprint) ?? 0;
    if (count >= MOST_LOOKS) return undefined;
    this.#looks.set(fingerprint, count + 1);
    return () => {
      const left = this.#looks.get(fingerprint)! - 1;
      if (left > 0) this.#looks.set(fingerprint, left);
      else this.#looks.delete(fingerprint);
    };
  }

  /** The process stops: what has not begun within `ms` is left to other processes, since its answer might come too late for this one. */
  closeIn(ms: number): void {
    this.#closesAt = performance.now() + ms;
  }

  /** Whether this process begins no more calls. */
  get closed(): boolean {
    return performance.now() >= this.#closesAt;
  }

  /** Whether a refusal should be reported now. */
  refusalIsNews(fingerprint: string): boolean {
    if (this.#refused.has(fingerprint)) return false;
    this.#refused.set(fingerprint, true);
    return true;
  }

  /** Whether trouble until `until` (ms since 1970) lasts longer than what was reported. */
  troubleIsNews(fingerprint: string, until: number): boolean {
    if (until < (this.#trouble.get(fingerprint) ?? 0) + TELL_EVERY_MS / 2) return false;
    this.#trouble.set(fingerprint, until);
    return true;
  }
}

/** Who enters a lane. */
export interface Entrant {
  laneClass: LaneClass;
  /** How long it may stand in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** Absent = a read: its caller waits, and no row counts it. */
  operationId?: string;
  /** Nothing depends on its start, so a refusal is not reported. */
  aside?: boolean;
}

/** Enters the lane and keeps its statistics. A read is refused at once if those before it take longer than its budget; its `Retry-After` counts them all. */
export async function enterLane(core: Core, lane: Lane, entrant: Entrant): Promise<Slot | LaneRefusal> {
  const { laneClass, laneBudgetMs, operationId, aside } = entrant;
  // Interactive callers reserve their starts in the store, so its answer counts them already; rows are counted as rows.
  const stands = operationId === undefined && !aside && laneClass !== 'interactive';
  const before = () => (stands ? core.laneWatch.standing(lane.fingerprint)[laneClass] : 0);
  if (before() * (lane.perMs / lane.requests) > laneBudgetMs) {
    noteRefusal(core, lane);
    return { granted: false, retryAfterMs: lineMs(lane, before()) };
  }
  const leave = operationId ? undefined : core.laneWatch.enter(lane.fingerprint, laneClass);
  const answer = await core.lanes.enter(lane, laneClass, laneBudgetMs).finally(leave);
  if (answer.granted && core.laneWatch.closed) {
    core.lanes.giveBack(answer);
    return { granted: false, retryAfterMs: ELSEWHERE_MS };
  }
  if (answer.granted) return answer;
  if (!aside && (laneClass === 'interactive' || !operationId)) noteRefusal(core, lane);
  return { granted: false, retryAfterMs: answer.retryAfterMs + lineMs(lane, before()) };
}

// Computed as if tills were calling too: coming back a little late is better than being refused again.
const lineMs = (lane: Lane, count: number): number => Math.ceil(queueMs(lane, count, true));

/** Stores in the background that the lane refused a caller; the first process to do so emits `lane.saturated`. */
function noteRefusal(core: Core, { fingerprint }: Lane): void {
  if (!core.laneWatch.refusalIsNews(fingerprint)) return;
  const note = core.database.transaction(async tx => {
    if (await core.stores.laneStates.saturate(tx, fingerprint, core.now()))
      await tellLane(core, tx, fingerprint, 'saturated');
  });
  core.background.run(note, error => lost(core, error));
}

/** Stores in the background that the provider paused the lane or does not answer: its callable connections are degraded for `ms`. */
export function noteTrouble(core: Core, { fingerprint }: Lane, ms: number, reason: string): void {
  const until = core.now().getTime() + ms;
  if (!core.laneWatch.troubleIsNews(fingerprint, until)) return;
  const note = core.database.transaction(async tx => {
    if (!(await core.stores.laneStates.degrade(tx, fingerprint, new Date(until)))) return;
    await move(core, tx, fingerprint, { from: 'callable', to: 'degraded', reason });
  });
  core.background.run(note, error => lost(core, error));
}

/** Emits `lane.recovered` and makes the connections of recovered lanes callable; called by the sweep. */
export async function recoverLanes(core: Core): Promise<void> {
  const now = core.now().getTime();
  const { laneStates } = core.stores;
  await core.database.transaction(async tx => {
    for (const lane of await laneStates.recovered(tx, new Date(now - QUIET_MS)))
      await tellLane(core, tx, lane, 'recovered');
    for (const lane of await laneStates.mended(tx, new Date(now)))
      await move(core, tx, lane, { from: 'degraded', to: 'callable', reason: null });
    await laneStates.forget(tx);
  });
}

async function tellLane(core: Core, tx: Tx, lane: string, state: 'saturated' | 'recovered'): Promise<void> {
  for (const tenantId of await core.stores.laneStates.tenants(tx, lane)) {
    await core.stores.events.append(tx, {
      tenantId,
      connectionId: null,
      type: `lane.${state}`,
      resourceType: 'lane',
      resourceId: laneIdOf(lane),
      data: { state },
    });
  }
}

async function move(
  core: Core,
  tx: Tx,
  lane: string,
  change: { from: ConnectionState; to: ConnectionState; reason: string | null },
): Promise<void> {
  for (const { id, tenantId } of await core.stores.laneStates.moveConnections(tx, lane, change))
    await core.stores.events.append(tx, stateChanged(tenantId, id, change.to));
}

const lost = (core: Core, error: unknown): void =>
  core.log('warn', 'a change of a lane could not be written down', { error: String(error) });
