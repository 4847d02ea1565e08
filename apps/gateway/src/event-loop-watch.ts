import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Core } from './core.js';

const LOOK_MS = 1_000;
/** Each period wakes the process, also an idle one; the lag we look for is seconds. */
const RESOLUTION_MS = 100;

/** Reports the lag of this process to the load shedder every second: its event loop, and the wait for a connection to Postgres. */
export function watchEventLoop({ loadShedder, database }: Pick<Core, 'loadShedder' | 'database'>): void {
  const loopMs = loopDelay();
  const storeMs = storeDelay(() => database.waited());
  setInterval(() => loadShedder.noteLag(Math.max(loopMs(), storeMs())), LOOK_MS).unref();
}

/** By how many milliseconds half of the turns since the last look were late. */
function loopDelay(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lookedAt = performance.now();
  return () => {
    const now = performance.now();
    // The histogram holds the time between turns, its own period included. None at all: everything since was one turn.
    const turnMs = delay.count > 0 ? delay.percentile(50) / 1e6 : now - lookedAt;
    delay.reset();
    lookedAt = now;
    return Math.max(0, turnMs - RESOLUTION_MS);
  };
}

/** How long the last who was sent to wait stood there, in milliseconds, or stands there still; each look sends the next one. */
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
