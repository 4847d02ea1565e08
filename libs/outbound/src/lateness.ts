import { Refusal } from '#canonical';

/** A process that is less late than this turns nobody away, in milliseconds. */
export const LEAST_LATE_MS = 1_000;
/** A call stands in line for the event loop, and for Postgres, this often before it is answered: taken in, given a slot, sent, saved. */
export const TURNS = 4;
/** While a process is late, a call that would be one of more than so many who wait for Postgres is turned away at the door. */
export const MOST_WAITING = 50;
/** One late look is a pause; so many in a row are a process that has more to do than it can. */
export const LOOKS = 3;

const COME_BACK_SECONDS = 5;

/** How late this process comes to its work; what it could only answer after its caller's wait is turned away before it is taken in. */
export class Lateness {
  #looks: number[] = [];
  #refused = 0;

  /** `waiting` counts who stands in line for a connection to Postgres now. */
  constructor(private readonly waiting: () => number = () => 0) {}

  /** Takes in one look, a second apart: by how many milliseconds the process was late. */
  note(lateMs: number): void {
    this.#looks = [...this.#looks, lateMs].slice(-LOOKS);
  }

  /** How late the process has been in every one of the last looks, in milliseconds. */
  get ms(): number {
    return this.#looks.length < LOOKS ? 0 : Math.min(...this.#looks);
  }

  /** How many calls were turned away. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether a call could not be answered within that wait. */
  exceeds(waitMs: number): boolean {
    return this.ms >= LEAST_LATE_MS && this.ms * TURNS >= waitMs;
  }

  /** Throws 503 `dependency-unavailable` for a call that could not be answered within its wait. */
  assertTimeFor(waitMs: number): void {
    if (this.exceeds(waitMs)) this.#refuse('not-executed');
  }

  /** Throws the same while the line before Postgres is so long that even to ask what stands already makes it longer for those who were let in. */
  assertRoom(): void {
    if (this.ms >= LEAST_LATE_MS && this.waiting() > MOST_WAITING) this.#refuse();
  }

  /** Without an outcome, nobody looked whether the call stands already. */
  #refuse(outcome?: 'not-executed'): never {
    this.#refused++;
    throw new Refusal('dependency-unavailable', {
      detail: `The gateway has more to do than it can: it comes to its work ${seconds(this.ms)} s late. Nothing of this call was accepted or sent; repeat it as it is.`,
      outcome,
      retryAfterSeconds: COME_BACK_SECONDS,
    });
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
