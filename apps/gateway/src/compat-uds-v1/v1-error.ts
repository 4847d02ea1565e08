import type { ErrorCode, Problem } from '#canonical';

/** A refusal in v1 format. */
export interface V1Error {
  errorCode: string;
  message: string;
  /** With `badRequest`: the invalid parameters, by their v1 names. */
  errors?: { errorCode: string; message: string; field: string }[];
}

// Old programs know 400 (not possible), 403 (no access) and 404 (no such customer or operation); the texts are those
// that UDS kept for v2, found in its current documents.
const words: Partial<Record<ErrorCode, [status: number, errorCode: string]>> = {
  unauthenticated: [401, 'unauthorized'],
  'scope-missing': [403, 'forbidden'],
  'connection-credentials-invalid': [403, 'forbidden'],
  'connection-account-inactive': [403, 'companyIsInactive'],
  'connection-paused': [403, 'companyIsInactive'],
  'customer-not-found': [404, 'notFound'],
  'cashier-unknown': [404, 'cashierNotFound'],
  'identity-token-expired': [404, 'notFound'],
  'amount-mismatch': [400, 'invalidChecksum'],
  'insufficient-points': [400, 'insufficientFunds'],
  'redeem-limit-exceeded': [400, 'discountLimitExceed'],
  'redeem-requires-code': [400, 'withdrawNotPermitted'],
  'purchase-by-phone-disabled': [400, 'purchaseByPhoneDisabled'],
  'customer-blocked': [400, 'participantIsBlocked'],
  'customer-operation-unresolved': [409, 'operationInProgress'],
  'duplicate-reference': [409, 'receiptExists'],
  'idempotency-key-reused': [409, 'receiptExists'],
  'state-conflict': [409, 'conflict'],
  'capability-not-supported': [501, 'notSupported'],
};

const byStatus: Record<number, [number, string]> = {
  400: [400, 'badRequest'],
  403: [403, 'forbidden'],
  404: [404, 'notFound'],
  409: [409, 'conflict'],
  410: [404, 'notFound'],
  413: [413, 'badRequest'],
  415: [400, 'badRequest'],
  422: [400, 'badRequest'],
  424: [403, 'forbidden'],
  429: [429, 'tooManyRequests'],
  500: [500, 'internalError'],
  504: [504, 'timeout'],
};

const unknownOutcome = {
  ru: 'Исход операции пока неизвестен. Повторите её без изменений (покупку — с тем же номером чека): второй раз она не проводится, ответ скажет, чем она закончилась.',
  en: 'The outcome is not known yet. Repeat the request unchanged (a sale with the same invoice number): it is not booked twice, and the answer contains its outcome.',
};

/** A problem in v1 format: `message` is for the cashier's screen. */
export function v1Error(problem: Problem): { status: number; body: V1Error } {
  const code = problem.code as ErrorCode;
  // "Nothing was booked" must not be said if the effect may exist, whatever the code usually says.
  if (isUnsure(problem)) return { status: 504, body: { errorCode: 'timeout', message: unsureOf(problem) } };
  const [status, errorCode] = words[code] ?? byStatus[problem.status] ?? [503, 'temporarilyUnavailable'];
  const errors = errorCode === 'badRequest' ? problem.errors?.map(fieldOf) : undefined;
  return { status, body: { errorCode, message: problem.userMessage, ...(errors && { errors }) } };
}

// These have a sentence of their own: an internal error, also for reads, and a till without access, which no repeat helps.
const OWN_WORDS = ['internal-error', 'unauthenticated', 'scope-missing'];

const isUnsure = ({ outcome, code }: Problem): boolean => outcome === 'unknown' && !OWN_WORDS.includes(code);

const unsureOf = ({ userMessage }: Problem): string =>
  unknownOutcome[/[а-яё]/i.test(userMessage) ? 'ru' : 'en'];

const inV1: Record<string, string> = {
  '/receipt/total': 'total',
  '/receipt/expectedPayable': 'cash',
  '/receipt/redeemPoints': 'scores',
  '/receipt/number': 'invoiceNumber',
  '/cashier': 'cashierExternalId',
  '/identifier': 'code',
  '/amount': 'partialAmount',
};

function fieldOf({ pointer, detail }: NonNullable<Problem['errors']>[number]) {
  const known = Object.keys(inV1).find(start => pointer.startsWith(start));
  const field = known === undefined ? pointer.slice(pointer.lastIndexOf('/') + 1) : inV1[known]!;
  return { errorCode: 'badRequest', message: detail, field };
}
