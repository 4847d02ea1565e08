import { registry } from '#adapters';
import {
  elsewhere,
  errorCodes,
  errorTable,
  misread,
  notTold,
  passing,
  unsure,
  warningTable,
} from '#canonical';
import type { Language } from '#canonical';

const told = ({ en, ru }: Record<Language, string>): string => `${en} / ${ru}`;

const inDoubt = [
  '| when | HTTP | the cashier reads |',
  '|---|---|---|',
  `| the answer to a COMMIT was lost; or the request may be a repeat, and the gateway could not look it up (Postgres is down, the process stops) | 503 | ${told(unsure)} |`,
  `| the request may be a repeat, and its API key is not valid; or its \`Idempotency-Key\` was accepted before, and the API key lacks the scope | 401, 403 | ${told(notTold)} |`,
  `| the \`Idempotency-Key\` was accepted before, and the body that now comes with it is cut, too large, not JSON or not valid | 400, 413, 415, 422 | ${told(misread)} |`,
  `| the request is not valid HTTP, or its headers are too large, so that no key was looked up | 400, 431 | ${told(misread)} |`,
  `| the \`Idempotency-Key\` was accepted before, over another connection than the one that is now named | 404, 422 | ${told(elsewhere)} |`,
  '| … or over one that cannot be used now | 424 | as with 503 |',
  '| the request may be a repeat, and the rate limit of the API key is reached | 429 | as below: that denies nothing |',
].join('\n');

/** docs/errors.md: every code with its meaning, the codes of warnings, and the mapping of the providers' own codes. */
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
  const warnings = Object.entries(warningTable).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const providers = Object.values(registry).map(({ adapter }) => {
    const rows = Object.entries(adapter.errors).map(([theirs, ours]) => `| \`${theirs}\` | \`${ours}\` |`);
    return [`### ${adapter.title}`, '', '| provider | gateway |', '|---|---|', ...rows].join('\n');
  });
  return `${[
    '# Errors',
    'Generated from the errors table in `libs/canonical`; do not edit. Every problem is `application/problem+json` (RFC 9457).',
    'The `outcome` below is that of a first attempt. A **write** gets `unknown` instead, with `operationId` if its operation was seen, where an earlier attempt may have been executed:',
    inDoubt,
    `One \`state-conflict\` is retryable: a decision (\`POST /v1/operations/{id}/resolve\`) that a running look-up keeps from being stored. It has a \`Retry-After\`, and says: ${told(passing)}`,
    'A refused `GET` of an operation, purchase, refund or hold is `not-executed`: that is about the `GET` and says nothing about the write. With 401, 403 and `dependency-unavailable` the cashier reads what is in this table.',
    ...codes,
    '## Warnings',
    'The `warnings` of a quote, a purchase or a refund. The answer is correct and the write, if there was one, succeeded; `pointer` names the field of the request.',
    ['| code | meaning |', '|---|---|', ...warnings].join('\n'),
    '## Codes of providers',
    'A provider’s code that is not listed becomes `provider-rejected`.',
    ...providers,
  ].join('\n\n')}\n`;
}
