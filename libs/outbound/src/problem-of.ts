import { Refusal, toProblem } from '#canonical';
import type { Problem } from '#canonical';
import type { OpenConnection } from './connection.js';

/** A refusal as it is kept on an operation's row; language and request id are set when it is answered. */
export const storedProblem = (refusal: Refusal, operationId: string): Problem =>
  toProblem(refusal, { requestId: operationId, operationId });

/** What a read's caller is told when no believable answer came in time: late, against the provider's own contract, or an error of its. */
export function silence(
  connection: Pick<OpenConnection, 'adapter'>,
  { reason, unreadable = false }: { reason: string; unreadable?: boolean },
): Refusal {
  const name = connection.adapter.name;
  const code = unreadable ? 'provider-contract-violation' : 'provider-error';
  return new Refusal(/within \d+ ms/.test(reason) ? 'provider-timeout' : code, {
    detail: `${connection.adapter.title} gave no usable answer: ${reason}`,
    provider: { name, message: reason },
  });
}
