import type { ErrorCode } from '#canonical';
import { Unreadable, isTrouble, reader, saysFailed } from '#adapter-kit';
import type { Exchange, ProviderRefusal, Reader, WireAnswer } from '#adapter-kit';
import type { PpSettings } from './settings.js';
import { textOf } from './text.js';

/** The meaning of refusal texts; the codes are ours, since the provider only has texts. */
export const errors = {
  'key-refused': 'connection-credentials-invalid',
  'api-disabled': 'connection-account-inactive',
  'below-minimum': 'payout-below-minimum',
  'not-enough-money': 'payout-balance-empty',
  'wrong-account': 'validation-failed',
  'method-closed': 'payout-method-unavailable',
  'api-off': 'provider-contract-violation',
} satisfies Record<string, ErrorCode>;

// The order matters: "not enough money" also mentions the minimum.
const texts: [RegExp, keyof typeof errors][] = [
  [/api\s+disabled|api\s+отключ/i, 'api-disabled'],
  [/key\s+error|ошибка\s+ключа|(wrong|invalid)\s+(api\s+)?(key|login)/i, 'key-refused'],
  // "5 min" is a time.
  [/minim|(?<!\d\s*)\bmin\b|минимал/i, 'below-minimum'],
  [/enough\s+(money|funds)|(in|not\s+)sufficient|недостаточно\s+(средств|денег)/i, 'not-enough-money'],
  [
    /неверн\S*\s+(номер\s+)?(кошел|сч[её]т|реквизит)|(wrong|invalid|incorrect|bad)\s+(wallet|account)/i,
    'wrong-account',
  ],
  [/валют|резерв|currenc|reserve|способ\S*\s+выплат|payout\s+method/i, 'method-closed'],
];

const API_OFF =
  'The site’s affiliate API is switched off for this partner. Nothing was done; check it at the site.';
const API_OFF_OR_ELSEWHERE =
  'The site’s affiliate API is switched off for this partner, or `settings.path` is wrong. Nothing was done; check both at the site.';

const nothingFound =
  /^[^\p{L}]*(empty\s+answer|nothing\s+found|no\s+bids?\s+exists?|ничего\s+не\s+найдено|пустой\s+ответ|заявк[аи]\s+не\s+(существу[ею]т|найден[аы]))[^\p{L}]*$/iu;

/** Statuses that PP does not document (it answers 200 even to errors): they do not come from PP. A 401 is the HTTP password of the site in front of it. */
export const undocumented: number[] = [
  ...Array.from({ length: 100 }, (_, at) => 400 + at).filter(status => ![401, 408, 429].includes(status)),
  501,
];

/** The same for an order, which also a 401 of something in front of the site does not prove undone. */
export const undocumentedForOrders: number[] = [...undocumented, 401];

/** Finds a refusal, which PP sends with 200; the text alone is never one, since a success has a text as well. Throws `Unreadable` for an order that may have been placed despite the error. */
export function refusal(
  answer: WireAnswer,
  exchange: Exchange,
  settings?: PpSettings,
): ProviderRefusal | undefined {
  const isUserApi = settings?.dialect === 'userapi-v1';
  // An unknown method, an empty key or a disabled module; for a write the outcome stays unknown.
  if (answer.status === 501) return exchange.retryClass === 'read' ? apiOff(isUserApi) : undefined;
  // A password is asked for before the site is.
  if (answer.status === 401 && answer.headers['www-authenticate'] !== undefined)
    return { code: 'unauthorized' };
  const body = reader(answer.body);
  if (!saysNo(body, answer.status) || saysNothingFound(body)) return undefined;
  // The user API gives a reason for every other error.
  if (isUserApi && isList(exchange) && isSilent(body)) return undefined;
  const message = toldIn(body) ?? wordsOf(body.at('error'), answer.status);
  const meant =
    texts.find(([pattern]) => pattern.test(asWords(message ?? '')))?.[1] ?? otherwise(answer, exchange);
  // The user API says so of a wrong key or login, too.
  const code = meant === 'api-disabled' && isUserApi ? 'key-refused' : meant;
  if (exchange.retryClass !== 'read') requireNoEffect(body, code === 'refused' ? allToldIn(body) : undefined);
  return {
    code,
    message,
    ...(code === 'api-disabled' && { detail: API_OFF }),
    ...(code === 'wrong-account' && message ? { fields: [{ pointer: '/account', detail: message }] } : {}),
  };
}

// The path of the user API is not a setting.
const apiOff = (isUserApi: boolean): ProviderRefusal => ({
  code: 'api-off',
  message: 'HTTP 501',
  detail: isUserApi ? API_OFF : API_OFF_OR_ELSEWHERE,
});

// An order that has a number, or that failed inside the site, may have been placed despite the error.
function requireNoEffect(body: Reader, message: string | undefined): void {
  if (
    [body, body.at('data')].some(
      place => place.at('payout_id').flag() !== false && place.at('payout_id').text(),
    )
  )
    throw new Unreadable('/error', 'comes with the number of a payout');
  if (isTrouble(message)) throw new Unreadable('/error_text', 'reports an internal error');
}

// A 401 before an order is told by the reads that precede it; to the order itself it proves nothing.
const otherwise = ({ status }: WireAnswer, { retryClass }: Exchange) =>
  status === 401 && retryClass === 'read' ? 'key-refused' : 'refused';

// PP has a number in `error`; clones, and scripts before it, may say it in other words.
const saysNo = (body: Reader, status = 200): boolean => {
  const error = body.at('error');
  const number = error.decimal() !== undefined && error.flag() === undefined;
  return (
    error.flag() === true ||
    number ||
    wordsOf(error, status) !== undefined ||
    saysFailed(body) ||
    /^(error|fail(ed|ure)?)$/i.test(body.at('status').text() ?? '')
  );
};

const toldIn = (body: Reader): string | undefined =>
  ['error_text', 'message', 'msg'].map(name => textOf(body.at(name))).find(text => text !== undefined);

// A failure of the site itself may stand in any of them: frameworks have it in `error`, beside a `message`.
const allToldIn = (body: Reader): string => {
  const error = body.at('error');
  const words = [toldIn(body), ...[error, error.at('message'), error.at('code')].map(textOf)];
  return asWords(words.join(' '));
};

// The statuses of a refused form. Others come with a word of what stands in front of the site ("Forbidden"), or of an order that is under way.
const ofForms = [400, 402, 422];

// Some sites send the reason instead of 1; a single word may mean "none" where the status does not say otherwise.
const wordsOf = (error: Reader, status: number): string | undefined => {
  if (error.at('code').flag() === false) return undefined;
  const text = (textOf(error) ?? textOf(error.at('message')) ?? textOf(error.at('code')))?.trim() ?? '';
  const said = (ofForms.includes(status) ? /\p{L}{4}/u : /\S\s+\S/).test(text);
  return said && !/^((none|null|false)$|no[\s_-]+error)/i.test(text) ? text : undefined;
};

// A code in place of a text: `insufficient_funds`.
const asWords = (text: string): string => text.replace(/[_-]+/g, ' ');

/** The user API answers an empty list with an error ("empty answer (nothing found)"). */
export const saysNothingFound = (body: Reader): boolean =>
  saysNo(body) && nothingFound.test(textOf(body.at('error_text')) ?? '');

/** An error without a word, a number of its own or a row. */
export const isSilent = (body: Reader): boolean =>
  body.at('error').flag() === true && toldIn(body) === undefined && body.at('data').list().length === 0;

const isList = ({ call }: Exchange): boolean => /^get_(links|exchanges|payouts)/.test(call);
