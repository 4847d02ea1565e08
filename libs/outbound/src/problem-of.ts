import { Refusal, toProblem } from '#canonical';
import type { Problem } from '#canonical';
import type { OpenConnection } from './connection.js';

/** A refusal as it is kept on an operation's row; language and request id are set when it is answered. */
export const storedProblem = (refusal: Refusal, operationId: string): Problem =>
  toProblem(refusal, { requestId: operationId, operationId });

/** What a read's caller is told when no believable answer came in time. */
export function silence(connection: Pick<OpenConnection, 'adapter'>, reason: string): Refusal {
  const name = connection.adapter.name;
  const late = /within \d+ ms/.test(reason);
  return new Refusal(late ? 'provider-timeout' : codeOf(reason), {
    detail: `${connection.adapter.title} gave no usable answer: ${reason}`,
    provider: { name, message: reason },
  });
}

// A page or a body that cannot be read breaks the provider's own contract; everything else is its error, and so is the page
// of a proxy before it: it may be gone a moment later.
const codeOf = (reason: string) =>
  !/HTML page with status 50[0234]/.test(reason) && /HTML|unreadable|missing|is not|redirect/i.test(reason)
    ? 'provider-contract-violation'
    : 'provider-error';
