import { Refusal } from '#canonical';

/** A process that lags less than this refuses nobody, in milliseconds. */
const LEAST_LATE_MS = 1_000;
/** How often a call waits for the event loop or Postgres before it is answered: accepted, started, sent, saved. */
export const TURNS = 4;
/** While a process lags, a call is refused unseen if more than this many wait for Postgres. */
export const MOST_WAITING = 50;
/** One lagging measurement is a pause; this many in a row are overload. */
export const LOOKS = 3;

const COME_BACK_SECONDS = 5;

/** Refuses new work while this process lags so much that the answer would come after the caller's wait. */
export class LoadShedder {
  #looks: number[] = [];
  #refused = 0;

  /** `waiting` counts the queue for a connection to Postgres. */
  constructor(private readonly waiting: () => number = () => 0) {}

  /** Records one measurement a second: the process's lag in milliseconds. */
  noteLag(lateMs: number): void {
    this.#looks = [...this.#looks, lateMs].slice(-LOOKS);
  }

  /** The least lag of the last measurements, in milliseconds. */
  get lagMs(): number {
    return this.#looks.length < LOOKS ? 0 : Math.min(...this.#looks);
  }

  /** Calls refused so far. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether a call could not be answered within that wait. */
  exceeds(waitMs: number): boolean {
    return this.lagMs >= LEAST_LATE_MS && this.lagMs * TURNS >= waitMs;
  }

  /** Throws 503 `dependency-unavailable` for a call that could not be answered within its wait. */
  assertTimeFor(waitMs: number): void {
    if (this.exceeds(waitMs))
      this.#refuse('Nothing of this call was accepted or sent; repeat it unchanged.', 'not-executed');
  }

  /** Throws the same while the queue for Postgres is so long that even looking up a known key would make it worse. */
  assertRoom(): void {
    if (this.lagMs >= LEAST_LATE_MS && this.waiting() > MOST_WAITING)
      this.#refuse(
        'This call was refused unread, and whether an earlier one with its Idempotency-Key was accepted was not looked up; repeat it unchanged.',
      );
  }

  /** Without an outcome: nobody looked whether the call was accepted before. */
  #refuse(what: string, outcome?: 'not-executed'): never {
    this.#refused++;
    throw new Refusal('dependency-unavailable', {
      detail: `The gateway is overloaded: it starts its work ${seconds(this.lagMs)} s late. ${what}`,
      outcome,
      retryAfterSeconds: COME_BACK_SECONDS,
    });
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
