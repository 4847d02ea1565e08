import type { ErrorCode } from '#canonical';
import type { Reader } from '#adapter-kit';

/** The codes that say more than their HTTP status, from Recca's own Go client of the federation API (`go.recca.ru/cpa`). */
export const words = {
  MISSING_TENANT_SCOPE: 'connection-credentials-invalid',
  FEATURE_NOT_AVAILABLE: 'connection-account-inactive',
  PRODUCT_PAUSED: 'connection-account-inactive',
  PARTNER_NOT_ACTIVE: 'state-conflict',
  WINDOW_EXPIRED: 'state-conflict',
  ALREADY_CONVERTED: 'state-conflict',
  ILLEGAL_TRANSITION: 'state-conflict',
} satisfies Record<string, ErrorCode>;

/** The code of a refusal, if it has one. */
export const wordIn = (body: Reader): string =>
  body.at('error', 'code').text() ?? body.at('code').text() ?? '';

/** The usual fields for a reason, the most telling first; other fields may repeat the request, with personal data. */
export const telling = ['message', 'msg', 'error_description', 'error', 'detail', 'errors'];

/** The depth to which a reason is read. */
export const DEEPEST = 3;

/** The sentence of a reason, in the usual fields. */
export function sentenceIn(at: Reader, depth = 0): string | undefined {
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(at.value))
    return (
      at
        .list()
        .flatMap(row => sentenceIn(row, depth + 1) ?? [])
        .join(' ') || undefined
    );
  const names = at.record() ? telling : [];
  return at.text() ?? names.map(name => sentenceIn(at.at(name), depth + 1)).find(text => text !== undefined);
}
