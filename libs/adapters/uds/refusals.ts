import { reader, Unanswered, Unreadable } from '#adapter-kit';
import type { ProviderRefusal, Reader, WireAnswer } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { ErrorCode, ProviderWord } from '#canonical';

/** UDS code → ours; a code that is missing here is `provider-rejected`. */
export const udsErrors: Record<string, ErrorCode> = {
  badRequest: 'validation-failed',
  invalidChecksum: 'amount-mismatch',
  withdrawNotPermitted: 'redeem-requires-code',
  insufficientFunds: 'insufficient-points',
  discountLimitExceed: 'redeem-limit-exceeded',
  purchaseByPhoneDisabled: 'purchase-by-phone-disabled',
  participantIsBlocked: 'customer-blocked',
  unauthorized: 'connection-credentials-invalid',
  companyIsInactive: 'connection-account-inactive',
  notFound: 'customer-not-found',
  cashierNotFound: 'cashier-unknown',
  receiptExists: 'duplicate-reference',
};

/** Refusals about the company, its settings, its cashiers or a block: no sale changes those, so the reason is not the effect of a first request. */
export const changedByNoSale: ErrorCode[] = [
  'redeem-requires-code',
  'purchase-by-phone-disabled',
  'cashier-unknown',
  'customer-blocked',
  'connection-credentials-invalid',
  'connection-account-inactive',
];

// Codes for answers without one: `{"message":"Not found"}` was seen with a 404.
const byStatus: Record<number, string> = { 401: 'unauthorized', 403: 'forbidden', 404: 'notFound' };

const bare = (word: string): string => word.toLowerCase().replace(/[^a-z]/g, '');
const spellings = new Map(Object.keys(udsErrors).map(code => [bare(code), code]));
/** The spelling of UDS, if it is one of its codes. */
const spelt = (word: string): string => spellings.get(bare(word)) ?? word;

/** Reads `{errorCode, message, errors?}` in any spelling, also inside an envelope. Inside a 2xx only a known code without an operation counts, so that no success is read as a refusal; with an operation under an error status, neither is proven. */
export function udsRefusal({ status, body }: WireAnswer): ProviderRefusal | undefined {
  const good = status >= 200 && status < 300;
  if (!good && places(reader(body)).some(isOperation))
    throw new Unreadable('', `reports an operation under status ${status}`);
  const error = good ? reader(body) : complaintOf(reader(body));
  const named = codeOf(error, good);
  const unknown = !Object.hasOwn(udsErrors, named ?? '');
  const code = unknown && status === 401 ? 'unauthorized' : (named ?? byStatus[status]);
  if (code === undefined || (good && (unknown || places(error).some(place => place.at('id').present))))
    return undefined;
  return { code, message: error.at('message').text(), fields: error.at('errors').list().map(fieldOf) };
}

const isOperation = (place: Reader): boolean =>
  place.at('id').text() !== undefined && place.at('total').decimal() !== undefined;

const places = (body: Reader): Reader[] => [body, body.at('error'), body.at('data'), body.at(0)];

// In an answer of 400 or more, the error may be in any of these places.
const complaintOf = (body: Reader): Reader =>
  places(body).find(place => place.at('errorCode').text() !== undefined) ?? body;

function codeOf(error: Reader, good: boolean): string | undefined {
  const named = error.at('errorCode').text();
  if (good) return named === undefined ? undefined : spelt(named);
  const faults = error.at('errors').list();
  const booked = bookedAmong(faults);
  if (named !== undefined || booked !== undefined) return spelt(booked ?? named!);
  const words = [error.at('code'), error.at('error'), error.at('errors', 0, 'errorCode')].map(word =>
    word.text(),
  );
  return words.flatMap(word => spellings.get(bare(word ?? '')) ?? []).at(0);
}

// A `badRequest` may say only among its faults that the receipt or the nonce is known. We send no malformed nonce, so a fault
// of a sent one means that it is used.
const bookedAmong = (faults: Reader[]): string | undefined =>
  faults
    .map(fault => (fault.at('field').text() === 'nonce' ? NONCE_USED : fault.at('errorCode').text()))
    .find(saysBooked);

const NONCE_USED = 'nonceAlreadyUsed';

const saysBooked = (code = ''): boolean => /^(?!.*not).*(exist|already|duplicat)/i.test(code);

/** Whether UDS may mean that this purchase is already booked: a known receipt, a known nonce if one was sent, or any conflict. */
export const mayBeBooked = (error: ProviderWord | undefined, { nonceSent = true } = {}): boolean =>
  error?.status === 409 || (saysBooked(error?.code) && (nonceSent || error?.code !== NONCE_USED));

/** Whether a request was not even looked at: refused for the key or its rights, or by us before it was sent. */
export const isAboutAccess = (status: number | undefined): boolean =>
  status === undefined || status === 401 || status === 403;

// UDS uses the field names of its own request; the caller knows only ours.
const pointers: Record<string, string> = {
  code: '/identifier/value',
  phone: '/identifier/value',
  uid: '/identifier/value',
  'participant.phone': '/identifier/value',
  'participant.uid': '/identifier/value',
  total: '/receipt/total',
  cash: '/receipt/total',
  points: '/receipt/redeemPoints',
  number: '/receipt/number',
  skipLoyaltyTotal: '/receipt/excludedTotal',
  unredeemableTotal: '/receipt/unredeemableTotal',
  cashier: '/cashier',
  'cashier.externalId': '/cashier/externalId',
  'cashier.name': '/cashier/name',
  partialAmount: '/amount',
};

function fieldOf(fault: Reader): { pointer: string; detail: string } {
  const field = fault
    .at('field')
    .text()
    ?.replace(/^receipt\./, '');
  const pointer = field !== undefined && Object.hasOwn(pointers, field) ? pointers[field] : undefined;
  const detail =
    fault.at('message').text() ?? fault.at('errorCode').text() ?? 'UDS does not accept this value.';
  return { pointer: pointer ?? '', detail };
}

const NO_SUCH_CALL = [404, 405, 501];

/** Whether UDS, or what answers in its place, may not know a call at all: it speaks the document of 2020 only. */
export function isNoSuchCall(error: unknown): boolean {
  if (error instanceof Refusal)
    return error.code === 'not-found' || NO_SUCH_CALL.includes(error.members.provider?.status ?? 0);
  return error instanceof Unanswered && NO_SUCH_CALL.includes(error.why.status ?? 0);
}
