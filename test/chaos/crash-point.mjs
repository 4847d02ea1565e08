// Stands in for libs/outbound/src/core/crash-point.ts in processes that are started with --conditions=crash-test.
const { CRASH_AT } = process.env;

/** Ends this process as kill -9 does, when it comes to the point that CRASH_AT names. */
export function crashPoint(at) {
  if (at !== CRASH_AT) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing more may run until the signal has arrived.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
