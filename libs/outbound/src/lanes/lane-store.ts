import type { Lane, LaneUse } from './lanes.js';
import type { LaneTerms } from './lane-rules.js';

/** The store's answer to one question, in its own microseconds counted from the moment it looked. */
export interface LaneReply {
  granted: boolean;
  /** Until the start that was given, or until the one that was too far ahead. */
  waitUs: number;
  /** The stamp in the log; 0 when refused. */
  stamp: number;
  /** Until the next start is free for this class. */
  freeUs: number;
  /** Until the next question of this class is worth asking. */
  backUs: number;
  /** Starts in the window, the given one included. */
  used: number;
  /** What the store's clock showed when it looked, in microseconds. */
  at: number;
  /** `performance.now()` just before the question left this process. */
  sentAt: number;
}

/** A start that was given a while ago, in the store's microseconds. */
export interface GivenStart {
  stamp: number;
  givenAt: number;
  /** It may be put off until then. */
  latest: number;
}

/** What the store says of a start that it gave a while ago. */
export interface LaneLook {
  /** False once the lane was paused over it, the store lost its memory, or starts before it came so late that it would come too late. */
  stands: boolean;
  /** The start's stamp, later than it was where starts before it were late. */
  stamp: number;
  /** Until the start, in the store's microseconds counted from the moment it looked. */
  waitUs: number;
  /** `performance.now()` just before the question left this process. */
  sentAt: number;
}

/** The log of every lane, in the clock of one store; each call is one atomic step there. Rejects with whatever the driver says. */
export interface LaneStore {
  /** Questions that it answers side by side; more would only grow old in front of it. */
  readonly atOnce: number;
  /** Notes that the store is known from now on, where it is not. */
  begin(): Promise<void>;
  ask(fingerprint: string, terms: LaneTerms): Promise<LaneReply>;
  /** Looks again at a start, and puts it off where those before it were late. */
  look(lane: Lane, start: GivenStart): Promise<LaneLook>;
  /** Replaces a stamp by the time the bytes really went, both in microseconds. */
  move(lane: Lane, from: number, to: number): Promise<void>;
  pause(lane: Lane, ms: number): Promise<void>;
  use(lanes: Lane[]): Promise<LaneUse[]>;
  close(): Promise<void>;
}
