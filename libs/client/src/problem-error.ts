import type { Problem } from './types.js';

/** The gateway refused a call that has no other way to say so. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  /** `problem` is the whole document; the message is its `detail`. */
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}
