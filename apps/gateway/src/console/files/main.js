import { forgetKey, get, keepKey, keyOf } from './api.js';
import { h, heading } from './dom.js';
import { failure, swap } from './live.js';
import { operation } from './operation.js';
import { operations } from './operations.js';
import { connections, events, lanes } from './places.js';
import { language, speak, t } from './texts.js';

const views = { operations, connections, lanes, events };
const main = document.getElementById('main');
let current = new AbortController();
let shownPlace;

/** Shows the view of the address: `#/operations/opr_…`, `#/operations?state=unknown`, `#/lanes`. */
async function route() {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const [path, query] = location.hash.slice(2).split('?');
  const [name, id] = path.split('/');
  const shown = Object.hasOwn(views, name) ? name : 'operations';
  frame(shown);
  if (!keyOf()) return gate();
  const place = `${path}?${query ?? ''}`;
  if (shownPlace !== place) main.replaceChildren(h('p', { class: 'empty', role: 'status' }, t('loading')));
  shownPlace = place;
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

/** Keeps a key and says why it cannot be used, if so. */
async function faultOf(key) {
  // No header takes other characters: the browser would not even ask.
  if (!/^[\x21-\x7e]+$/.test(key)) return t('wrongKey');
  keepKey(key);
  return get('operations?limit=1').then(
    () => undefined,
    error => (error.status === 401 ? t('wrongKey') : error.status === 403 ? undefined : error.message),
  );
}

/** The form for the API key, which is checked before it is kept. */
function gate(fault) {
  shownPlace = undefined;
  const input = h('input', {
    type: 'password',
    name: 'key',
    required: true,
    autocomplete: 'off',
    placeholder: 'lgk_…',
  });
  const message = h('p', { class: 'problem', role: 'alert', hidden: !fault }, fault ?? '');
  const enter = async submitted => {
    submitted.preventDefault();
    const fault = await faultOf(input.value.trim());
    if (fault === undefined) return void route();
    forgetKey();
    message.textContent = fault;
    message.hidden = false;
    input.select();
  };
  const { demoKey } = document.documentElement.dataset;
  const form = h(
    'form',
    { class: 'gate', submit: enter },
    heading(t('gate')),
    h('p', {}, t('gateText')),
    message,
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
