import { explained, inRussian } from './notes.js';
import { language, t } from './texts.js';

const KEY = 'key';
// Kept in this tab only, and deleted when it is closed.
export const keyOf = () => sessionStorage.getItem(KEY);
export const keepKey = key => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);

// The detail says it best. Where it has no Russian, the message for the cashier stands before it.
const sentenceOf = problem =>
  language() === 'ru'
    ? (inRussian(problem.detail ?? '') ?? explained(problem).join(' '))
    : (problem.detail ?? problem.title);

/** An error response of the API; `status` 0 = it could not be reached. */
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

// crypto.randomUUID is not available on pages without https.
const random = () => [...crypto.getRandomValues(new Uint32Array(4))].map(part => part.toString(36)).join('');

export const get = async (path, signal) => (await request(path, { signal })).json();
export const post = async (path, body) => (await request(path, { method: 'POST', body })).json();

/** The first `count` items of a list, over as many pages as needed. */
export async function list(path, { count = 25, signal, ...filters } = {}) {
  const data = [];
  for (let cursor; data.length < count;) {
    const params = Object.entries({ ...filters, cursor, limit: Math.min(100, count - data.length) });
    const page = await get(`${path}?${new URLSearchParams(params.filter(([, value]) => value))}`, signal);
    data.push(...page.data);
    cursor = page.nextCursor;
    if (!cursor) return { data, more: false };
  }
  return { data, more: true };
}

/** Server-sent events, parsed by hand: a browser's EventSource cannot send an API key. */
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

/** The display name of a connection, made unique: several connections may have the same name, but not the same slug. */
function uniqueName(all, { name, slug, provider }) {
  const label = name ?? slug;
  const unique = all.filter(other => (other.name ?? other.slug) === label).length === 1;
  return unique ? label : `${label} (${provider}, ${slug})`;
}

let names;
/** The display names of connections by id; empty for a key that may not see connections. */
export function connectionNames() {
  names ??= list('connections', { count: 500 }).then(
    ({ data }) => new Map(data.map(connection => [connection.id, uniqueName(data, connection)])),
    () => ((names = undefined), new Map()),
  );
  return names;
}
