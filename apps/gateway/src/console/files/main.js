import { forgetKey, get, keepKey, keyOf } from './api.js';
import { h, heading } from './dom.js';
import { failure, swap } from './live.js';
import { operation } from './operation.js';
import { operations } from './operations.js';
import { connections, events, lanes } from './places.js';
import { language, speak, t } from './texts.js';

const views = { operations, connections, lanes, events };
const main = document.getElementById('main');
let watching = new AbortController();
let seen;

/** Shows what the address says: `#/operations/opr_…`, `#/operations?state=unknown`, `#/lanes`. */
async function route() {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  const [path, query] = location.hash.slice(2).split('?');
  const [name, id] = path.split('/');
  const shown = Object.hasOwn(views, name) ? name : 'operations';
  frame(shown);
  if (!keyOf()) return gate();
  const place = `${path}?${query ?? ''}`;
  if (seen !== place) main.replaceChildren(h('p', { class: 'empty', role: 'status' }, t('loading')));
  seen = place;
  const view = shown === 'operations' && id ? operation : views[shown];
  const params = Object.fromEntries(new URLSearchParams(query));
  try {
    const context = { id: encodeURIComponent(id ?? ''), params, signal, refresh: () => void route() };
    for await (const node of view(context)) if (!signal.aborted) swap(main, node);
  } catch (error) {
    if (signal.aborted) return;
    if (error.status !== 401) return swap(main, failure(error, signal));
    forgetKey();
    frame(shown);
    gate(t('wrongKey'));
  }
}

/** The bar above every view. */
function frame(shown) {
  const known = keyOf() !== null;
  const entry = name =>
    h('a', { href: `#/${name}`, 'aria-current': name === shown ? 'page' : undefined }, t(name));
  document.getElementById('nav').replaceChildren(...(known ? Object.keys(views).map(entry) : []));
  document.getElementById('leave').hidden = !known;
  document.getElementById('leave').textContent = t('leave');
  document.getElementById('language').textContent = t('otherLanguage');
  document.documentElement.lang = language();
  document.title = known ? `${t(shown)} · Loyalty Gateway` : 'Loyalty Gateway';
}

/** Asks for a key, and tries it before it is kept. */
function gate(fault) {
  seen = undefined;
  const input = h('input', {
    type: 'password',
    name: 'key',
    required: true,
    autocomplete: 'off',
    placeholder: 'lgk_…',
  });
  const said = h('p', { class: 'problem', role: 'alert', hidden: !fault }, fault ?? '');
  const enter = async submitted => {
    submitted.preventDefault();
    keepKey(input.value.trim());
    const fault = await get('operations?limit=1').then(
      () => undefined,
      error => (error.status === 401 ? t('wrongKey') : error.status === 403 ? undefined : error.message),
    );
    if (fault === undefined) return void route();
    forgetKey();
    said.textContent = fault;
    said.hidden = false;
    input.select();
  };
  const { demoKey } = document.documentElement.dataset;
  const form = h(
    'form',
    { class: 'gate', submit: enter },
    heading(t('gate')),
    h('p', {}, t('gateText')),
    said,
    h('label', {}, t('key'), input),
    h('button', {}, t('enter')),
    demoKey ? h('p', { class: 'hint' }, t('demoHint'), ' ', h('code', {}, `cat '${demoKey}'`)) : '',
  );
  main.replaceChildren(form);
  input.focus();
}

document.getElementById('leave').addEventListener('click', () => {
  forgetKey();
  void route();
});
document.getElementById('language').addEventListener('click', () => {
  speak(language() === 'ru' ? 'en' : 'ru');
  void route();
});
window.addEventListener('hashchange', () => void route());
void route();
