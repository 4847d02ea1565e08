import { explained } from './notes.js';
import { language, t } from './texts.js';

const KEY = 'key';
// Of this tab alone, and gone with it.
export const keyOf = () => sessionStorage.getItem(KEY);
export const keepKey = key => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);

// Its detail alone says enough to whoever reads it in the language that it is written in.
const sentenceOf = problem =>
  language() === 'ru' ? explained(problem).join(' ') : (problem.detail ?? problem.title);

/** The API said no, or nothing; `status` 0 = it could not be reached. */
export class Refused extends Error {
  constructor(status, problem = {}) {
    super(problem.title ? sentenceOf(problem) : t('unreachable'));
    Object.assign(this, { status, code: problem.code });
  }
}

async function request(path, { method = 'GET', body, signal } = {}) {
  const headers = { authorization: `Bearer ${keyOf()}`, 'accept-language': language() };
  if (method !== 'GET') headers['idempotency-key'] = `console-${random()}`;
  if (body) headers['content-type'] = 'application/json';
  const init = { method, headers, signal, body: body && JSON.stringify(body) };
  const response = await fetch(`v1/${path}`, init).catch(error => {
    throw signal?.aborted ? error : new Refused(0);
  });
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => undefined));
  return response;
}

// crypto.randomUUID is kept from pages without https.
const random = () => [...crypto.getRandomValues(new Uint32Array(4))].map(part => part.toString(36)).join('');

export const get = async (path, signal) => (await request(path, { signal })).json();
export const post = async (path, body) => (await request(path, { method: 'POST', body })).json();

/** The first `count` of a list, over as many pages as that takes. */
export async function list(path, { count = 25, signal, ...filters } = {}) {
  const data = [];
  for (let cursor; data.length < count;) {
    const known = Object.entries({ ...filters, cursor, limit: Math.min(100, count - data.length) });
    const page = await get(`${path}?${new URLSearchParams(known.filter(([, value]) => value))}`, signal);
    data.push(...page.data);
    cursor = page.nextCursor;
    if (!cursor) return { data, more: false };
  }
  return { data, more: true };
}

/** Server-sent events, read by hand: a browser's EventSource cannot carry a key. */
export async function* events(path, signal) {
  const { body } = await request(path, { signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = '', part; !(part = await reader.read()).done;) {
    const blocks = (text + part.value).split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map(line => line.split(/: (.*)/s)));
      if (fields.data) yield { event: fields.event, data: JSON.parse(fields.data).data };
    }
  }
}

/** A name is anybody's choice, a slug is one connection's own. */
function nameAmong(all, { name, slug, provider }) {
  const called = name ?? slug;
  const alone = all.filter(other => (other.name ?? other.slug) === called).length === 1;
  return alone ? called : `${called} (${provider}, ${slug})`;
}

let names;
/** What a person calls a connection, by id; empty for a key that may not see connections. */
export function connectionNames() {
  names ??= list('connections', { count: 500 }).then(
    ({ data }) => new Map(data.map(one => [one.id, nameAmong(data, one)])),
    () => ((names = undefined), new Map()),
  );
  return names;
}
