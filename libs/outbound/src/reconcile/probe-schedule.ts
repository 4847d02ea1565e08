const PROBES_MS = [2_000, 5_000, 15_000, 60_000, 300_000, 1_800_000, 7_200_000, 43_200_000, 86_400_000];

/** When probe number `tries + 1` is due on the schedule, counted from the last send; `null` = the schedule has no such step. */
export const probeDelay = (tries: number): number | null => PROBES_MS[tries] ?? null;

const LONGEST_SILENCE_PAUSE_MS = 60_000;

/** How long a probe is postponed while its provider answers nobody, in milliseconds: as long again as its answer has been lost, at most a minute, so that a long outage costs less and less. `leastMs` is when the next call may be tried at all. */
export const silencePause = (lostForMs: number, leastMs: number): number =>
  Math.max(leastMs, Math.min(lostForMs, LONGEST_SILENCE_PAUSE_MS));

/** The least distance of one probe to the next, in milliseconds. */
export const SHORTEST_PAUSE_MS = 1_000;

// When the probe at the end of the settle time comes, that must be over, although Postgres's clock and this one differ a little.
const CLOCKS_DIFFER_MS = 500;

/** What the time of the next probe follows from. */
interface Probed {
  sentAt: Date;
  tries: number;
  /** In how many milliseconds another probe is worth it, whatever the schedule says. */
  againMs?: number;
}

/** When the next probe is due: at the schedule's next step after the last send, sooner if `againMs` says so, in a second at the earliest. Probes that somebody waited for use up no step: the first one that lies ahead is always made. `null` = the time of every step is over, and there was a probe for each. */
export function nextProbe(now: Date, { sentAt, tries, againMs = Infinity }: Probed): Date | null {
  const lostForMs = now.getTime() - sentAt.getTime();
  const ahead = PROBES_MS.findIndex(ms => ms > lostForMs);
  const delay = probeDelay(ahead < 0 ? tries : Math.min(tries, ahead));
  if (delay === null) return null;
  const stepMs = sentAt.getTime() + delay + CLOCKS_DIFFER_MS - now.getTime();
  return new Date(now.getTime() + Math.max(Math.min(stepMs, againMs), SHORTEST_PAUSE_MS));
}
