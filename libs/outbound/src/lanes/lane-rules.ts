import { STORE_SILENCE_MS } from '../core/timeouts.js';
import type { Lane, LaneClass } from './lanes.js';

/** Added to every lane's window, in microseconds: what the way to the provider may squeeze two starts together; without it 8.7 % of calls met a 429. */
export const MARGIN_US = 8_000;

/** The same in Postgres, in microseconds: an answer there waits for a row's lock and for its commit, so that starts come less evenly. */
export const POSTGRES_MARGIN_US = 10_000;

/** Added for classes that may burst, in microseconds: five sends at one moment are late by more, each in its own way, than one send every fifth of a second. */
export const BURST_MARGIN_US = 17_000;

/** What each 429 adds to the lane's margin, in microseconds, at most once in a window. */
export const MARGIN_STEP_US = 8_000;

/** Where a growing margin ends, in microseconds: the lane then still runs at nine tenths of its rate. */
export const MARGIN_GROWTH_LIMIT_US = 96_000;

/** How long a grown margin is remembered after the last 429, in microseconds. */
export const MARGIN_MEMORY_US = 600_000_000;

/** A start is never stamped nearer than this, in microseconds: sending takes time, and a stamp must not lie before the bytes. */
export const LEAD_US = 3_000;

/** How long after an interactive call a lane keeps one slot free of bulk, and after a queued one a slot free of people who wait long, in microseconds. */
export const INTERACTIVE_MEMORY_US = 30_000_000;

/** People who wait longer than this leave one start of each window to what is queued, in microseconds. */
export const PEOPLE_AHEAD_US = 2_000_000;

/** The longest pause that a provider may ask for, in milliseconds; a Retry-After of an hour is not believed. */
export const LONGEST_PAUSE_MS = 60_000;

/** How long an idle lane outlives its last use in the store, in microseconds, beyond the time its log matters. */
export const AFTERLIFE_US = 1_000_000;

/** A start that lies farther ahead than this, in microseconds, is looked at once more before it is used; one that lies nearer is used unseen. */
export const UNSEEN_US = 100_000;

/** How long the store may take for an answer unless told, in milliseconds; after that nothing is sent. */
export const STORE_TIMEOUT_MS = 500;

/** After how long without any answer a connection to the store counts as lost, in milliseconds. */
export const silenceMs = (timeoutMs = STORE_TIMEOUT_MS): number => Math.max(STORE_SILENCE_MS, 2 * timeoutMs);

const BULK_HORIZON_US = 8_000;
const OLDEST_WAIT_US = 800_000;
const LONGEST_BUDGET_MS = 3_600_000;

/** What one class of caller may do in one lane, in the store's microseconds; the same for every store. */
export interface LaneTerms {
  limit: number;
  /** Starts that the lane remembers however long ago they were. */
  keep: number;
  perUs: number;
  /** 1 interactive, 2 write, 3 reconcile, 4 bulk: the class's place in the lane's record. */
  rank: number;
  /** How far ahead of its slot the class is let in. */
  horizonUs: number;
  /** How far ahead a class that has waited too long is let in: for as long as its caller waits. */
  budgetUs: number;
  /** The least distance to the start before it; 0 for classes that may burst. */
  spacingUs: number;
  /** A slot this far behind the last one of its class is given whatever the horizon says. */
  ageUs: number;
  /** Slots left free while the lane has interactive callers. */
  reserve: number;
  /** Added to the hold of a store that came back, different in each lane: otherwise all lanes would call in step from then on. */
  phaseUs: number;
  /** The stamp of a start that was given but came too late to be used, and is given back for a new one; 0 for none. */
  unused: number;
  /** The asker has given up after this moment of the store's clock, in microseconds: a question that was held up on its way gets no start. */
  notAfter: number;
}

/** A moment that does not come. */
export const NEVER_US = Number.MAX_SAFE_INTEGER;

/** Writes the lane's law out for one caller: a class with a longer horizon always reaches a free slot before one with a shorter. */
export function termsOf(lane: Lane, cls: LaneClass, budgetMs: number, unused = 0): LaneTerms {
  const perUs = Math.round(lane.perMs * 1_000);
  const share = perUs / lane.requests;
  const budgetUs = Math.round(Math.min(Math.max(0, budgetMs), LONGEST_BUDGET_MS) * 1_000);
  const horizons: Record<LaneClass, number> = {
    interactive: budgetUs,
    write: share,
    reconcile: share / 2,
    bulk: Math.min(BULK_HORIZON_US, share / 4),
  };
  return {
    limit: lane.requests,
    keep: startsRemembered(lane),
    perUs: cls === 'bulk' ? perUs : burstUs(lane),
    rank: ranks[cls],
    horizonUs: Math.round(Math.min(horizons[cls], budgetUs)),
    budgetUs,
    // A little under the even distance, so that a start that came late does not push all that follow.
    spacingUs: cls === 'bulk' ? Math.round(0.95 * share) : 0,
    // Four slots of a lane of 5 a second; a slower lane must not be all bulk.
    ageUs: Math.round(Math.max(OLDEST_WAIT_US, 4 * share)),
    reserve: cls === 'bulk' ? 1 : 0,
    phaseUs: cls === 'bulk' ? Math.round(fractionOf(lane.fingerprint) * share) : 0,
    unused,
    notAfter: NEVER_US,
  };
}

/** The window of classes that may burst, in microseconds. */
export const burstUs = ({ perMs }: Lane): number => Math.round(perMs * 1_000) + BURST_MARGIN_US;

/** How many of its last starts a lane remembers however long ago they were: as many as the least modest of its connections goes by. */
export const startsRemembered = ({ requests, most = requests }: Lane): number => Math.max(requests, most);

/** How long so many queued calls take to start, in milliseconds; beside people one start of each window is theirs. */
export const queueMs = ({ requests, perMs }: Lane, count: number, people: boolean): number =>
  (count * perMs) / (people ? Math.max(1, requests - 1) : requests);

/** The same for a caller whose start passed unused: let in like a person who waits, but counted under its own class, so that the lane keeps no slot free for people who never called. */
export function termsForNewStart(lane: Lane, cls: LaneClass, budgetMs: number, unused: number): LaneTerms {
  return { ...termsOf(lane, 'interactive', budgetMs, unused), rank: ranks[cls] };
}

// Spreads fingerprints evenly over 0 to 1 (FNV-1a); nothing secret hangs on it.
function fractionOf(fingerprint: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < fingerprint.length; i++) {
    hash = Math.imul(hash ^ fingerprint.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}

/** The terms as the arguments of both stores' scripts, which take them by place. */
export function scriptArguments(terms: LaneTerms): number[] {
  const { limit, keep, perUs, rank, horizonUs, budgetUs, spacingUs, ageUs, reserve, phaseUs } = terms;
  const { unused, notAfter } = terms;
  return [
    keep,
    perUs,
    rank,
    horizonUs,
    budgetUs,
    spacingUs,
    ageUs,
    reserve,
    phaseUs,
    unused,
    limit,
    notAfter,
  ];
}

/** The order of the classes in a lane: a smaller rank comes first. */
export const ranks: Record<LaneClass, number> = { interactive: 1, write: 2, reconcile: 3, bulk: 4 };
