import type { Problem } from './types.js';

/** Thrown when the gateway refuses a call that cannot return the refusal. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  /** `problem` is the whole document; the message is its `detail`. */
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}
