/** Places between two steps that must not be torn apart; the crash tests end a process at each of them. */
export type CrashPoint =
  | 'accept:inside'
  | 'accept:done'
  | 'dispatch:unclaimed'
  | 'dispatch:looked'
  | 'dispatch:claimed'
  | 'dispatch:sent'
  | 'dispatch:answered'
  | 'settle:inside'
  | 'settle:done'
  | 'requeue:before'
  | 'requeue:done'
  | 'lose:done'
  | 'reconcile:claimed'
  | 'reconcile:marked'
  | 'reconcile:looked'
  | 'sweep:taken-over';

/** Does nothing. A process that is started with `--conditions=crash-test` gets the form of `test/chaos` in its place. */
export function crashPoint(_at: CrashPoint): void {}
