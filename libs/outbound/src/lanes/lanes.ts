import { StoreAway } from '#persistence';

/** Who is let through first when a lane is full: a person who waits, a write that was accepted, a question about a lost answer, a report. */
export type LaneClass = 'interactive' | 'write' | 'reconcile' | 'bulk';

/** The queue of one credential at one provider: its fingerprint and the law that the provider keeps (5 starts in every sliding second). */
export interface Lane {
  /** HMAC of provider, origin and credential; two connections with one token have the same one. */
  fingerprint: string;
  /** Starts that are allowed in any window of `perMs`. */
  requests: number;
  /** Length of the sliding window, in milliseconds. */
  perMs: number;
  /** Starts that the provider itself allows, where a connection of the lane chose fewer: the others need so many remembered. */
  most?: number;
}

/** A start that is due now: the caller sends at once and then tells `sent` when the bytes went. */
export interface Slot {
  granted: true;
  fingerprint: string;
  /** The start's stamp in the store's clock, in microseconds; `sent` moves it when that was late. */
  stamp: number;
  /** How long the caller stood in the lane, in milliseconds. */
  waitedMs: number;
  /** `performance.now()` of this process at which the slot is due. */
  dueAt: number;
  /** Starts that the lane's window still had when this one was given. */
  startsLeft: number;
}

/** No start is free within the caller's budget; nothing was reserved. */
export interface LaneRefusal {
  granted: false;
  /** When a start will be free, in milliseconds from now: a real figure from the lane's log. */
  retryAfterMs: number;
}

/** So long, in milliseconds, an answer that is due waits for a figure that only adorns it. */
export const FIGURE_WAIT_MS = 100;

/** What the lane view shows of one lane. */
export interface LaneUse {
  fingerprint: string;
  /** Starts in the last window, 0 to the lane's limit. */
  slotsUsed: number;
  /** How long the lane is held by a pause, 0 when it is not. */
  pausedMs: number;
  /** Somebody who waits called of late, so that what is queued leaves a start of each window to them. */
  people: boolean;
}

/** The limiter: one log of the last starts per lane, in the store's clock, shared by every process. Rejects with `LaneStoreDown` when the store cannot be used; then nothing may be sent. */
export interface Lanes {
  /** Looks at the store once at the start: one that is new or has lost its memory holds every lane for one window, which then is over before the first call. */
  begin(): Promise<void>;
  /** Waits (never longer than `budgetMs`) until a start is due, or refuses at once with the time to come back. */
  enter(lane: Lane, cls: LaneClass, budgetMs: number): Promise<Slot | LaneRefusal>;
  /** Gives a start back that could not be used in time, for a new one, as for a person who waits. */
  again(slot: Slot, budgetMs: number): Promise<Slot | LaneRefusal>;
  /** Gives a start back that was due and will not be used; never rejects. */
  giveBack(slot: Slot): void;
  /** Tells when the request's bytes were really written (`performance.now()`), so that a late send moves the stamp; never rejects. */
  sent(slot: Slot, writtenAt: number): void;
  /** Holds the lane after a 429 or Retry-After (clamped to 60 s) and grows its margin. */
  pause(lane: Lane, ms: number): Promise<void>;
  /** Reads lanes without changing them; `withinMs` where the caller cannot wait until the store counts as down. */
  use(lanes: Lane[], withinMs?: number): Promise<LaneUse[]>;
  /** Releases timers and connections that the limiter itself opened. */
  close(): Promise<void>;
}

/** The store of the lanes did not answer, or refused: nothing may be sent, reads answer 503 `dependency-unavailable`, writes stay queued. */
export class LaneStoreDown extends StoreAway {
  constructor(cause: unknown) {
    super('The lane store cannot be used; nothing was sent.', { cause });
    this.name = 'LaneStoreDown';
  }
}
