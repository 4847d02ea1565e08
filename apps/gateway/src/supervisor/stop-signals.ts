/** The signals that stop a process. */
export interface StopSignals {
  /** The first signal: shut down cleanly. */
  first: Promise<NodeJS.Signals>;
  /** On a second signal: stop at once. */
  second: Promise<NodeJS.Signals>;
}

/**
 * Handles SIGINT, SIGTERM and SIGHUP of this process. If npm started it, the end of npm counts as SIGTERM: npm sends
 * signals to a shell in between, which dies without passing them on.
 */
export function listenForStop(): StopSignals {
  let first: (signal: NodeJS.Signals) => void;
  let second: (signal: NodeJS.Signals) => void;
  const signals: StopSignals = {
    first: new Promise(resolve => (first = resolve)),
    second: new Promise(resolve => (second = resolve)),
  };
  let asked = false;
  const take = (signal: NodeJS.Signals) => {
    if (asked) return second(signal);
    asked = true;
    first(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, take);
  if (process.env['npm_lifecycle_event']) whenOrphaned(() => asked || take('SIGTERM'));
  return signals;
}

// Node does not report the end of its parent; the parent's id changes.
function whenOrphaned(tell: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    tell();
  }, 250);
  watch.unref();
}
