import { registry } from '#adapters';
import { errorCodes, errorTable, unsure } from '#canonical';

/** docs/errors.md: every code with all that it means, and what the providers' own codes become. */
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
    return [`### ${adapter.title}`, '', '| its code | ours |', '|---|---|', ...rows].join('\n');
  });
  return `${[
    '# Errors',
    'Made from the errors table in `libs/canonical`; do not edit. Every problem is `application/problem+json` (RFC 9457).',
    `A write is told \`outcome\` \`unknown\`, whatever stands below, where nobody could look up what became of it: the answer to a COMMIT was lost, or the request may be a repeated one and Postgres is away, or its key came too often (429) to be looked up; and where an earlier request with its \`Idempotency-Key\` was accepted, but its API key has ended (401) or may not make the call (403). Where it was taken in, \`operationId\` names it. The cashier is told "${unsure.en}" ("${unsure.ru}")`,
    ...codes,
    '## What providers say',
    'A code of a provider that is not listed becomes `provider-rejected`.',
    ...providers,
  ].join('\n\n')}\n`;
}
