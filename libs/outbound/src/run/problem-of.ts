import type { WhyUnanswered } from '#adapter-kit';
import { Refusal, toProblem } from '#canonical';
import type { Problem } from '#canonical';
import type { OpenConnection } from '../connections/connection.js';

/** A refusal as stored on an operation's row; language and request id are set when it is answered. */
export const storedProblem = (refusal: Refusal, operationId: string): Problem =>
  toProblem(refusal, { requestId: operationId, operationId });

/** The refusal of a read that got no usable answer: timeout, contract violation, or an error of the provider. */
export function unansweredRefusal(
  connection: Pick<OpenConnection, 'adapter'>,
  { reason, unreadable, overdue }: { reason: string } & WhyUnanswered,
): Refusal {
  const name = connection.adapter.name;
  const code = unreadable ? 'provider-contract-violation' : 'provider-error';
  return new Refusal(overdue ? 'provider-timeout' : code, {
    detail: `${connection.adapter.title} gave no usable answer: ${reason}`,
    provider: { name, message: reason },
  });
}
