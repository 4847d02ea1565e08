import { registry } from '#adapters';
import { elsewhere, errorCodes, errorTable, notTold, unsure } from '#canonical';

/** docs/errors.md: every code with its meaning, and the mapping of the providers' own codes. */
export function errorsDocument(): string {
  const codes = errorCodes.map(code => {
    const { status, retryable, outcome, title, detail, userMessage } = errorTable[code];
    return [
      `## ${code}`,
      '',
      `**${title}.** HTTP ${status} · ${retryable ? 'retryable' : 'not retryable'} · outcome \`${outcome}\``,
      '',
      detail,
      '',
      `* en: ${userMessage.en}`,
      `* ru: ${userMessage.ru}`,
    ].join('\n');
  });
  const providers = Object.values(registry).map(({ adapter }) => {
    const rows = Object.entries(adapter.errors).map(([theirs, ours]) => `| \`${theirs}\` | \`${ours}\` |`);
    return [`### ${adapter.title}`, '', '| provider | gateway |', '|---|---|', ...rows].join('\n');
  });
  return `${[
    '# Errors',
    'Generated from the errors table in `libs/canonical`; do not edit. Every problem is `application/problem+json` (RFC 9457).',
    `For a write, \`outcome\` is \`unknown\`, whatever is listed below, if the gateway could not look up the outcome: the answer to a COMMIT was lost; the request may be a repeat, and Postgres is down or the API key exceeds its rate limit (429); or an earlier request with the same \`Idempotency-Key\` was accepted, but the API key has been revoked or has expired (401) or lacks the scope (403), or the connection that it went over is no longer the one that is named (404, 422, 424). If the request was accepted, \`operationId\` contains its operation. The message for the cashier is then "${unsure.en}" ("${unsure.ru}") A till without access reads "${notTold.en}" ("${notTold.ru}") For 404 and 422 it reads "${elsewhere.en}" ("${elsewhere.ru}") The message of 429 stays as it is, since it denies nothing.`,
    'A request that asks what became of a write (an operation, a purchase, a refund or a hold) has no effect of its own and is `not-executed` when it is refused. That says nothing about the write, and the message for the cashier is the first of these for `dependency-unavailable`, and the second for 401 and 403.',
    ...codes,
    '## Codes of providers',
    'A provider’s code that is not listed becomes `provider-rejected`.',
    ...providers,
  ].join('\n\n')}\n`;
}
