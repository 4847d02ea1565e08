/** The signals that ask a process to stop. */
export interface StopSignals {
  /** Asked once: stop in good order. */
  first: Promise<NodeJS.Signals>;
  /** Asked again: stop at once. */
  second: Promise<NodeJS.Signals>;
}

/** Takes over SIGINT, SIGTERM and SIGHUP of this process. */
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
  return signals;
}
