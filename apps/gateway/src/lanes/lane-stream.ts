import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '#canonical';
import type { LaneView } from '#canonical';

/** What one watcher is shown, and how it ends. */
export interface Watch {
  /** Rejects with a refusal once the watcher may see them no more; with anything else while they cannot be read. */
  lanes(): Promise<LaneView[]>;
  /** Aborted when the process stops or the watcher is gone. */
  signal: AbortSignal;
  /** Between two looks, in milliseconds. */
  everyMs?: number;
  /** A line is sent at least so often, in milliseconds, so that no proxy takes the silence for an end. */
  heartbeatMs?: number;
}

/** Lifetime of a stream, in milliseconds: then the watcher reconnects, perhaps to a less busy process. */
const LIFE_MS = 15 * 60_000;

/** The lanes as server-sent events: `lanes` (all of them) at first and whenever one comes or goes, `changed` (only those that did) at most once a look, comments in between. */
export async function* laneStream({
  lanes,
  signal,
  everyMs = 1_000,
  heartbeatMs = 15_000,
}: Watch): AsyncGenerator<string> {
  const end = performance.now() + LIFE_MS;
  const board = new Board();
  let saidAt = performance.now();
  yield 'retry: 2000\n\n';
  while (!signal.aborted && performance.now() < end) {
    const seen = await lanes().catch((error: unknown) => (error instanceof Refusal ? 'over' : undefined));
    if (seen === 'over') return;
    const event = board.news(seen);
    if (event || performance.now() - saidAt >= heartbeatMs) {
      saidAt = performance.now();
      yield event ?? ': still here\n\n';
    }
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The lanes as last sent to a watcher. */
class Board {
  #shown: Map<string, string> | undefined;

  /** The event with what changed for the watcher; none while the stores are away. */
  news(now: LaneView[] | undefined): string | undefined {
    if (!now) return undefined;
    const shown = this.#shown;
    this.#shown = new Map(now.map(lane => [lane.id, told(lane)]));
    if (!shown || now.length !== shown.size || now.some(lane => !shown.has(lane.id)))
      return said('lanes', now);
    const changed = now.filter(lane => shown.get(lane.id) !== told(lane));
    return changed.length > 0 ? said('changed', changed) : undefined;
  }
}

// The end of a pause is reckoned anew at each look and wavers by milliseconds: its second is what counts.
const told = (lane: LaneView): string =>
  JSON.stringify({
    ...lane,
    pausedUntil: lane.pausedUntil?.slice(0, 19),
    etaMs: Math.round(lane.etaMs / 100),
  });

const said = (event: string, data: LaneView[]): string =>
  `event: ${event}\ndata: ${JSON.stringify({ data })}\n\n`;
