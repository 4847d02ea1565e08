import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Core } from './core.js';

const INTERVAL_MS = 1_000;
/** A coarse resolution: each period wakes the process, even an idle one, and the lag to detect is seconds. */
const RESOLUTION_MS = 100;

/** Reports the lag of this process to the load shedder every second: its event loop, and the wait for a connection to Postgres. */
export function watchEventLoop({ loadShedder, database }: Pick<Core, 'loadShedder' | 'database'>): void {
  const loopMs = loopDelay();
  const storeMs = storeDelay(() => database.waited());
  setInterval(() => loadShedder.noteLag(Math.max(loopMs(), storeMs())), INTERVAL_MS).unref();
}

/** The median delay of event loop turns since the last reading, in milliseconds. */
function loopDelay(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let readAt = performance.now();
  return () => {
    const now = performance.now();
    // The histogram contains the time between turns, including its own period. An empty one means a single turn since then.
    const turnMs = delay.count > 0 ? delay.percentile(50) / 1e6 : now - readAt;
    delay.reset();
    readAt = now;
    return Math.max(0, turnMs - RESOLUTION_MS);
  };
}

/** Measures how long a probe waits in the queue for Postgres, in milliseconds: the last result, or the wait of the running probe if longer. Each reading starts the next probe. */
function storeDelay(wait: () => Promise<number>): () => number {
  let lastMs = 0;
  let since: number | undefined;
  return () => {
    if (since !== undefined) return Math.max(lastMs, performance.now() - since);
    since = performance.now();
    void wait().then(ms => {
      lastMs = ms;
      since = undefined;
    });
    return lastMs;
  };
}
