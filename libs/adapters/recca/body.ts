import { reader } from '#adapter-kit';
import type { Reader, WireAnswer } from '#adapter-kit';

/** By the document one of these is in every answer that tells a result. */
const results = ['lead_id', 'conversion_id', 'deeplink_id', 'tenant_recca_id', 'recca_user_id', 'user'];
const parts = ['kpi', 'totals', 'leads', 'transactions', 'partners', 'root', 'levels'];

/** What an answer tells: its object, or the one that stands alone below `data` or `result`. */
export const bodyOf = (answer: WireAnswer): Reader => opened(reader(answer.body).needRecord());

/** Whether the answer tells a result, whatever else stands beside it. */
export const tellsResult = (answer: WireAnswer): boolean => holds(opened(reader(answer.body)), results);

function opened(body: Reader): Reader {
  if (holds(body, [...results, ...parts])) return body;
  return ['data', 'result'].map(name => body.at(name)).find(inner => inner.record()) ?? body;
}

const holds = (body: Reader, names: string[]): boolean => names.some(name => body.at(name).present);

/** A list of Recca's for showing; nothing in whatever form a server writes it is an empty one. */
export function listOf(list: Reader): Reader[] {
  const { value } = list;
  const nothing =
    value === null || value === false || value === '' || (list.record() && list.list().length === 0);
  return nothing ? [] : needRows(list);
}

/** A list of rows, or rows keyed by their ids; anything else may be a mishap and is `Unreadable`. */
export function needRows(list: Reader): Reader[] {
  const rows = list.list();
  return list.record() && rows.length > 0 && rows.every(row => row.record()) ? rows : list.needList();
}
