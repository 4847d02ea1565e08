import type { WhyUnanswered } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { OpenConnection } from '../connections/connection.js';

/** The refusal of a read that got no usable answer: timeout, contract violation, or an error of the provider. */
export function unansweredRefusal(
  connection: Pick<OpenConnection, 'adapter'>,
  { reason, unreadable, overdue, status }: { reason: string } & WhyUnanswered,
): Refusal {
  const name = connection.adapter.name;
  const code = unreadable ? 'provider-contract-violation' : 'provider-error';
  return new Refusal(overdue ? 'provider-timeout' : code, {
    detail: `${connection.adapter.title} gave no usable answer: ${reason}`,
    provider: { name, status, message: reason },
  });
}
