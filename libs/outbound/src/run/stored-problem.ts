import { toProblem } from '#canonical';
import type { Problem, Refusal } from '#canonical';

/** A refusal as stored on an operation's row; language and request id are set when it is answered. */
export const storedProblem = (refusal: Refusal, operationId: string): Problem =>
  toProblem(refusal, { requestId: operationId, operationId });
