import type { ErrorCode, Refusal } from '#canonical';
import { Unreadable, isTrouble, reader, saysFailed, withoutContacts } from '#adapter-kit';
import type { Exchange, ProviderRefusal, Reader, WireAnswer } from '#adapter-kit';
import { contentOf } from './content.js';

/** The meaning of Recreativ's HTTP statuses; the kit handles 401 and 429. */
export const errors = {
  'http-404': 'not-found',
  'http-405': 'provider-contract-violation',
  'http-415': 'provider-contract-violation',
  'http-422': 'validation-failed',
} satisfies Record<string, ErrorCode>;

/** The same for paths with a customer. */
export const customerErrors = { 'http-404': 'customer-not-found' } satisfies Record<string, ErrorCode>;

type Pointers = Record<string, string>;

const reportFields: Pointers = {
  dateFrom: '/query/from',
  dateTo: '/query/to',
  date: '/query/from',
  groupDate: '/query/groupBy',
  id: '/query/ids',
  siteIds: '/query/ids',
  blockIds: '/query/ids',
  campaignId: '/query/parentId',
  campaign: '/query/parentId',
  targetId: '/query/target',
  type: '/query/type',
  archived: '/query/archived',
  status: '/query/status',
};

/** The pointers into OUR request for Recreativ's fields, by exchange; all other exchanges are reports. */
const fieldsOf: Record<string, Pointers> = {
  'create-user': {
    user: '/username',
    username: '/username',
    name: '/displayName',
    ...same('email', 'url', 'telegram', 'skype', 'phone'),
  },
  'change-balance': { balance: '/delta' },
  'set-campaign-active': same('active'),
  'set-offer-active': same('active'),
  'set-site-multiplier': { coef: '/coefficient' },
  'set-device-multiplier': { coef: '/coefficient' },
  'create-offer': {
    ...same('campaignId', 'description', 'url', 'price', 'discount', 'discountType', 'oldPrice'),
    ...same('subCategory', 'clickPrice', 'rectangle', 'square'),
    title: '/description',
    opis: '/description',
    cost: '/price',
    stavka: '/clickPrice',
    img_wide: '/rectangle',
    img: '/square',
  },
};

function same(...names: string[]): Pointers {
  return Object.fromEntries(names.map(name => [name, `/${name}`]));
}

/** Finds a refusal: by its HTTP status, or in a 2xx by an envelope with a 4xx, a list of errors, or a plain denial. Throws `Unreadable` for a 2xx with an internal error, or with both a denial and an account, and for a 4xx to a write that Recreativ does not document: neither is proven. */
export function refusal(answer: WireAnswer, exchange: Exchange): ProviderRefusal | undefined {
  const content = reader(contentOf(answer));
  const status = statusOf(answer) ?? complaintInside(content);
  if (status === undefined) return saysFailed(reader(answer.body)) ? denial(content) : undefined;
  if (status >= 500) throw new Unreadable('', 'reports an internal error');
  if (status < 400) return undefined;
  if (exchange.accepts?.includes(status)) return undefined;
  requireDocumented(status, exchange);
  const told = tellingOf(content);
  const complaints = complaintsOf(told);
  const known = Object.hasOwn(fieldsOf, exchange.name) ? fieldsOf[exchange.name]! : reportFields;
  const fields = complaints.flatMap(({ field, message }) => {
    const name = /^filter\[(\w+)\]$/.exec(field)?.[1] ?? field;
    return Object.hasOwn(known, name) ? [{ pointer: known[name]!, detail: withoutContacts(message) }] : [];
  });
  return {
    code: status === 401 ? 'unauthorized' : `http-${status}`,
    message: saidIn(told),
    ...(fields.length > 0 && { fields }),
  };
}

// 429 and 408 as statuses of HTTP are the kit's.
const documented = [400, 401, 403, 404, 405, 415, 422, 429];

// Of a conflict or a lock nobody knows what was done before it, unless the exchange itself does. Reads, and what may be set again, lose
// nothing by a wrong "no".
function requireDocumented(status: number, { retryClass, errors: own = {} }: Exchange): void {
  const mayBeDone = retryClass === 'unsafe' || retryClass === 'reconcilable';
  if (mayBeDone && !documented.includes(status) && !Object.hasOwn(own, `http-${status}`))
    throw new Unreadable('', `has status ${status}, which Recreativ does not document`);
}

/** Whether Recreativ refused because of what it holds already: a first copy of the same request may have put it there. */
export const mayBeCausedByCopy = ({ members: { provider } }: Refusal): boolean =>
  provider?.code === 'http-422' || provider?.code === 'refused';

/** The 4xx or 5xx of an answer, or of the envelope inside a 2xx. */
export const statusOf = (answer: WireAnswer): number | undefined =>
  answer.status >= 400 ? answer.status : statusInside(reader(contentOf(answer)));

/** An envelope is distinguished from a site or a campaign, which also have a `status`, by its message and name. */
function statusInside(content: Reader): number | undefined {
  const named = content.at('name').text() !== undefined && content.at('message').text() !== undefined;
  const status = content.at('status').decimal();
  return named && status !== undefined ? Number(status) : undefined;
}

// Yii's list of {field, message}, with a wrong status.
function complaintInside(content: Reader): number | undefined {
  const rows = Array.isArray(content.value) ? content.list() : [];
  const complains = (row: Reader) => ['field', 'message'].every(name => row.at(name).text() !== undefined);
  return rows.length > 0 && rows.every(complains) ? 422 : undefined;
}

function denial(content: Reader): ProviderRefusal {
  if (content.at('id').present) throw new Unreadable('/id', 'is present, although the answer is a denial');
  const message = saidIn(tellingOf(content));
  // A failure inside the server may be told by the code beside the message.
  if (isTrouble(`${message} ${textOf(content.at('error'))}`))
    throw new Unreadable('', 'reports an internal error');
  return { code: 'refused', message };
}

/** The part of an answer that says what is wrong: some wrap it as `{ error: { message } }`. */
const tellingOf = (content: Reader): Reader =>
  content.at('message').present ? content : (content.at('error').record() ?? content);

function saidIn(content: Reader): string | undefined {
  const texts = complaintsOf(content).map(({ message }) => message);
  const message = texts.join(' ') || textOf(content.at('message'));
  return message && withoutContacts(message);
}

interface Complaint {
  field: string;
  message: string;
}

// Yii sends a list of {field, message}; documented is an envelope, whose `message` may contain the list.
function complaintsOf(content: Reader): Complaint[] {
  const rows = [content, content.at('message'), content.at('errors')].find(at => Array.isArray(at.value));
  if (!rows && content.at('errors').record()) return mapped(content.at('errors'));
  if (!rows && !content.at('message').present) return mapped(content);
  return (rows?.list() ?? []).flatMap(row => {
    const message = textOf(row.at('message')) ?? row.text();
    return message === undefined ? [] : [{ field: row.at('field').text() ?? '', message }];
  });
}

// Yii without its REST serializer: a map of field to texts. A flag or a number beside them (`success: false`) says nothing.
const mapped = ({ value }: Reader): Complaint[] =>
  Object.entries(typeof value === 'object' ? (value ?? {}) : {}).flatMap(([field, texts]) => {
    const message = /boolean|number/.test(typeof texts) ? undefined : textOf(reader(texts));
    return message === undefined ? [] : [{ field, message }];
  });

const textOf = (at: Reader): string | undefined =>
  at.text() ??
  (at
    .list()
    .flatMap(each => each.text() ?? [])
    .join(' ') ||
    undefined);
