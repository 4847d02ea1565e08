import type { Effect, SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';

/** The result of a call, before it is serialised as JSON or XML. */
export interface Done {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  effect?: Effect;
}

/** A refusal of Recreativ; `fields` become the list of a 422. */
export class No extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly more: { fields?: { field: string; message: string }[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }
}

const names: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  422: 'Data Validation Failed.',
};

/** The body of a refusal: an envelope, or for 422 a list of fields. */
export const refused = ({ status, message, more }: No): Done => ({
  status,
  headers: more.headers,
  body: more.fields ?? { name: names[status], message, code: 0, status },
});

export const invalid = (field: string, message: string): No =>
  new No(422, message, { fields: [{ field, message }] });

/** Serialises an answer in the format of `Accept`. */
export function dressed(done: Done, { headers }: SimulatedRequest, usual: 'json' | 'xml'): SimulatedAnswer {
  const { status = 200, body, headers: own, effect } = done;
  const answer = { status, ...(effect && { effect }) };
  if (body === undefined) return { ...answer, headers: own };
  const accept = headers['accept'] ?? '';
  const xml = /xml/.test(accept) ? !/json/.test(accept) : !/json|\*\/\*/.test(accept) && usual === 'xml';
  const kind = `application/${xml ? 'xml' : 'json'}; charset=UTF-8`;
  return { ...answer, headers: { 'content-type': kind, ...own }, body: xml ? toXml(body) : body };
}

const toXml = (body: unknown): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<response>${inXml(body)}</response>`;

function inXml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(item => element('item', item)).join('');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => element(/^[a-z_]/i.test(name) ? name : 'item', inner))
      .join('');
  return String(value as string | number | boolean).replace(
    /[<>&]/g,
    char => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[char]!,
  );
}

function element(name: string, value: unknown): string {
  const inner = inXml(value);
  return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
}

const whole = (text: string | null, usual: number, most: number): number =>
  /^\d{1,6}$/.test(text ?? '') ? Math.min(most, Math.max(1, Number(text))) : usual;

/** One page of rows, as in Yii's data providers: 20 rows by default, at most 50, and beyond the end the last page again. */
export function paged(rows: unknown[], { query, path }: SimulatedRequest, on: boolean): Done {
  if (!on) return { body: rows };
  const size = whole(query.get('per-page'), 20, 50);
  const pages = Math.ceil(rows.length / size);
  const page = Math.min(whole(query.get('page'), 1, 1_000_000), Math.max(1, pages));
  const link = (rel: string, at: number) =>
    `<https://recreativ.com/api${path}?page=${at}&per-page=${size}>; rel=${rel}`;
  const links = [link('self', page), ...(page < pages ? [link('next', page + 1), link('last', pages)] : [])];
  return {
    body: rows.slice((page - 1) * size, page * size),
    headers: {
      'x-pagination-total-count': String(rows.length),
      'x-pagination-page-count': String(pages),
      'x-pagination-current-page': String(page),
      'x-pagination-per-page': String(size),
      link: links.join(', '),
    },
  };
}
