import { redeemablePoints } from '#canonical';
import type { Exchange, ProviderRefusal, WireAnswer } from '#adapter-kit';
import { Unreadable, isRecord, isTrouble, reader } from '#adapter-kit';
import { carriesAny, placesIn } from './carried.js';

/** One error text, and the request field to which it belongs (the last key of its path). */
interface Complaint {
  field: string;
  text: string;
}

type Json = Record<string, unknown>;

// Too little money or balance may be the shop's own.
const TOO_FEW =
  /\b(not enough|insufficient) (\w+ )?(bonus|points\b(?! of sale))|недостаточно (бонус|балл)|(бонусов|баллов) недостаточно/i;

// The documented sentences, and those about too few points, a hold or a key, which are not; they are recognised even without the field's
// name. "Token expired" is not among them: a customer's code may be meant.
const sentences: [RegExp, string][] = [
  [/client not found/i, 'client'],
  [/point not found/i, 'point'],
  [/can.?t be more/i, 'spend'],
  [TOO_FEW, 'spend'],
  [/hold not found|no such hold|удержани\p{L}* не найден/iu, 'hold'],
  [/api.?key|\bunauthori[sz]ed\b/i, 'apikey'],
  [/\bkey (is |has |was )?(expired|invalid|not valid|wrong)\b|\b(expired|invalid|wrong) key\b/i, 'apikey'],
  [/(неверный|недействительный|неправильный) ключ|ключ (неверен|недействителен|истёк|истек)/i, 'apikey'],
];

const fieldCodes = new Map(
  Object.entries({ client: 'client', point: 'point', spend: 'spend', apikey: 'apikey', api_key: 'apikey' }),
);

/** Finds a refusal in every form that the documentation allows: a map of field to text, alone or under `errors` or `error`, texts or lists of texts, a list of maps, the text alone, with `success: false`, also inside a 200. */
export function refusal(answer: WireAnswer, { name, accepts }: Exchange): ProviderRefusal | undefined {
  const { status, body } = answer;
  if (status >= 400 && tellsEffect(body))
    throw new Unreadable('', `reports an effect under status ${status}`);
  const complaints = allComplaints(answer);
  if (status < 400 && !deniedInside(body, complaints)) return undefined;
  const message = wordsOf(answer);
  if (status === 401 || status === 403) return { code: 'apikey', message };
  const complaint = blockedAmong(complaints) ?? mostTelling(complaints);
  // The check of a key expects that no client is found.
  if (accepts?.includes(422) && (!complaint || complaint.code === 'client' || complaint.code === 'point'))
    return undefined;
  if (complaint?.code === 'client' && isOwnTrouble(complaint.text))
    throw new Unreadable('', 'reports an internal error');
  if (complaint) return { ...complaint, message, ...details(complaint.code, complaint.text, name) };
  // Documented: every error comes with 422; an internal one may have come after the booking.
  if (isTrouble(message)) throw new Unreadable('', 'reports an internal error');
  if (status < 400 || status === 422) return { code: 'refused', message, ...faults(complaints, name) };
  // Not documented: the framework before LoyalClient may refuse in a form of its own, whose other texts say little.
  const told = complaints.find(({ field }) => field === 'message')?.text ?? message;
  return { code: `http-${status}`, message: told, ...faults(complaints, name) };
}

// About the client as a field, but of LoyalClient's own trouble: "not found" would be false. A cashier with a wrong code is asked to try
// again as well.
const isOwnTrouble = (client: string): boolean =>
  isTrouble(client.replace(/try again|попробуйте/gi, '')) && !/not found|не найден/i.test(client);

/** The documented field of the error (`client`, `point`, `spend`, `apikey`), if there is one. */
export const complaintOf = (answer: WireAnswer): string | undefined =>
  mostTelling(allComplaints(answer))?.code;

/** The words of an answer that no rule knows, if it has any. */
export const wordsOf = (answer: WireAnswer): string | undefined =>
  allComplaints(answer)
    .map(({ text }) => text)
    .join(' ') || undefined;

function allComplaints({ body, text, format }: WireAnswer): Complaint[] {
  const alone = textOf(format === 'text' ? text : body);
  return alone === undefined
    ? records(body).flatMap(inner => [...complaintsIn(inner, 0)])
    : [{ field: '', text: alone }];
}

// A success is `{"success": true, …}`. Without the flag it is a refusal only with a documented field or sentence and without
// any result: an executed call must never be reported as refused. A single word is not an error text but a returned value,
// such as the client's id.
function deniedInside(body: unknown, complaints: Complaint[]): boolean {
  const success = reader(body).at('success').flag();
  if (success !== undefined) return !success && !tellsEffect(body);
  const told = complaints.filter(complaint => /\S\s+\S/.test(complaint.text) && !isRemark(complaint));
  return !carriesAny(body) && mostTelling(told) !== undefined;
}

// "Not enough points for the next level" may stand beside a booking.
const isRemark = ({ field, text }: Complaint): boolean =>
  TOO_FEW.test(text) && !/^($|spend$|err)/.test(field);

// The figures of a booking, or the id of a hold, with an error status or `success: false`: neither is proven.
const tellsEffect = (body: unknown): boolean =>
  placesIn(body).some(
    place =>
      place.at('retail', 'total').decimal() !== undefined || place.at('held', 'id').text() !== undefined,
  );

// Envelopes have at most two levels; the client's own data must never be searched for error texts.
function* complaintsIn(body: Json, depth: number): Generator<Complaint> {
  for (const [field, value] of Object.entries(body)) {
    const text = textOf(value);
    if (text !== undefined) yield { field: field.toLowerCase(), text };
    else if (depth < 2) for (const inner of records(value)) yield* complaintsIn(inner, depth + 1);
  }
}

// A text without a letter is a value, not a sentence.
const isSentence = (value: unknown): value is string => typeof value === 'string' && /\p{L}/u.test(value);

function textOf(value: unknown): string | undefined {
  if (isSentence(value)) return value;
  return Array.isArray(value) && value.length > 0 && value.every(isSentence) ? value.join(' ') : undefined;
}

const records = (value: unknown): Json[] => (Array.isArray(value) ? value : [value]).filter(isRecord);

function mostTelling(complaints: Complaint[]): { code: string; text: string } | undefined {
  const byField = complaints.find(({ field }) => fieldCodes.has(field));
  if (byField) return { code: fieldCodes.get(byField.field)!, text: byField.text };
  for (const { text } of complaints) {
    const sentence = sentences.find(([form]) => form.test(text));
    if (sentence) return { code: sentence[1], text };
  }
  return undefined;
}

// Under `client`, or without a field: a known client who is blocked. Not documented, but "not found" would be false.
function blockedAmong(complaints: Complaint[]): { code: string; text: string } | undefined {
  const blocked = complaints.find(
    ({ field, text }) =>
      (field === 'client' || !fieldCodes.has(field)) &&
      /\b(blocked|banned|frozen)\b|заблокирован|заморожен/i.test(text),
  );
  return blocked && { code: 'blocked', text: blocked.text };
}

function details(code: string, detail: string, exchange: string): Partial<ProviderRefusal> {
  if (code === 'point') return { fields: [{ pointer: '/locationId', detail }] };
  if (code !== 'spend') return {};
  const limit = limitIn(detail);
  return {
    fields: [{ pointer: exchange === 'hold' ? '/points' : '/receipt/redeemPoints', detail }],
    ...(limit !== undefined && { extra: { maxRedeemPoints: limit } }),
  };
}

// Why LoyalClient refuses an amount is not documented; it names the field.
function faults(complaints: Complaint[], exchange: string): Partial<ProviderRefusal> {
  const amount = complaints.find(({ field }) => field === 'amount');
  if (!amount) return {};
  return { fields: [{ pointer: exchange === 'hold' ? '/points' : '/receipt/total', detail: amount.text }] };
}

const NUMBER = /(?<![\p{L}\d.,])-?\d+(?:\s\d{3}(?!\d))*(?:[.,]\d+)*/gu;
const DOCUMENTED = /can.?t be more(?: than)?(.*)/is;

/** The number in "Spend can't be more 100", or the only one in another sentence; `undefined` if several may be meant, or what was asked for. */
function limitIn(text: string): string | undefined {
  const documented = DOCUMENTED.exec(text)?.[1];
  const [first, second] = (documented ?? text).match(NUMBER) ?? [];
  if (documented === undefined && (second !== undefined || TOO_FEW.test(text))) return undefined;
  const limit = reader(first).decimal();
  return limit === undefined ? undefined : redeemablePoints(limit);
}
