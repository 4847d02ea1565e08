import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Lateness } from '#outbound';

const LOOK_MS = 1_000;
const RESOLUTION_MS = 20;

/** Has a process know how late its event loop is, for as long as it lives. */
export function watchLoop(lateness: Lateness): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lookedAt = performance.now();
  const look = () => {
    const now = performance.now();
    // The histogram holds the time between turns, its own period included. None at all: everything since was one turn.
    const turnMs = delay.count > 0 ? delay.percentile(50) / 1e6 : now - lookedAt;
    lateness.note(Math.max(0, turnMs - RESOLUTION_MS));
    delay.reset();
    lookedAt = now;
  };
  setInterval(look, LOOK_MS).unref();
}
