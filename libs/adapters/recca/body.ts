import { Unreadable, reader } from '#adapter-kit';
import type { Exchange, Reader, WireAnswer } from '#adapter-kit';
import type { ProviderRefs } from '#canonical';

/** As documented, every answer with a result has one of these fields. */
const results = [
  'lead_id',
  'conversion_id',
  'deeplink_id',
  'short_url',
  'tenant_recca_id',
  'recca_user_id',
  'user',
];
const parts = ['kpi', 'totals', 'leads', 'transactions', 'partners', 'root', 'levels'];

/** The content of an answer: its object, or the only one in `data` or `result`. */
export const bodyOf = (answer: WireAnswer): Reader => opened(reader(answer.body).needRecord());

/** The same for an answer that need not be an object. */
export const contentOf = (answer: WireAnswer): Reader => opened(reader(answer.body));

/** The content of an answer about one person; throws if it is about another. */
export function bodyAbout(answer: WireAnswer, refs: ProviderRefs | undefined): Reader {
  const body = bodyOf(answer);
  const id = body.at('user', 'id_surrogate').text();
  if (id !== undefined && refs && id !== refs['tenantReccaId'])
    throw new Unreadable('/user/id_surrogate', 'is the id of another person');
  return body;
}

/** Whether the answer contains a result, whatever else it contains. */
export const tellsResult = (answer: WireAnswer): boolean => hasAny(contentOf(answer), results);

/** The field with the id of what a write without a key makes, by the exchange's name. */
const newIds: Record<string, string> = { 'add-lead': 'lead_id', 'register-conversion': 'conversion_id' };

/** The id of what the write made, according to its answer; of a person, who may have been there before, only in a success. */
export function madeIdIn(answer: WireAnswer, { name }: Exchange): string | undefined {
  const ids = answer.status < 300 ? { ...newIds, 'upsert-user': 'recca_user_id' } : newIds;
  return Object.hasOwn(ids, name) ? contentOf(answer).at(ids[name]!).text() : undefined;
}

function opened(body: Reader): Reader {
  if (hasAny(body, [...results, ...parts])) return body;
  return ['data', 'result'].map(name => body.at(name)).find(inner => inner.record()) ?? body;
}

const hasAny = (body: Reader, names: string[]): boolean => names.some(name => body.at(name).present);

/** A list to show; every form of an empty value is an empty list. */
export function listOf(list: Reader): Reader[] {
  const { value } = list;
  const nothing =
    value === null || value === false || value === '' || (list.record() && list.list().length === 0);
  return nothing ? [] : needRows(list);
}

/** A list of rows, or rows keyed by their ids; anything else may be an error and is `Unreadable`. */
export function needRows(list: Reader): Reader[] {
  const rows = list.list();
  return list.record() && rows.length > 0 && rows.every(row => row.record()) ? rows : list.needList();
}
