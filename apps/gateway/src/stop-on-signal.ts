import { LAST_START_MS } from '#outbound';
import type { OpenCore } from '#outbound';

/** A stop that takes longer is cut off, in milliseconds. */
const STOP_MS = 9_500;
/** A call that left before the stop ends within this time of it: its answer is not thrown away. */
const DRAINED_MS = 9_000;

/** What a process does at its stop. */
export interface Stop {
  /** Takes nothing new, and ends what it serves. */
  end(): Promise<unknown>;
  /** Nothing runs any more, and the stores are closed. */
  ended?(): void;
}

/** Stops the process at the first signal. */
export function stopOnSignal(open: OpenCore, how: Stop): void {
  let stopped: Promise<void> | undefined;
  // Both may arrive: a terminal signals all its processes, and the parent process forwards the signal.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void (stopped ??= stop(open, how)));
  }
}

async function stop({ core, close }: OpenCore, { end, ended }: Stop): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  const drainedAt = performance.now() + DRAINED_MS;
  core.laneWatch.closeIn(LAST_START_MS);
  await end();
  await core.background.drain(Math.max(0, drainedAt - performance.now()));
  await close();
  ended?.();
}
