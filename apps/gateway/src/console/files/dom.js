import { locale, t } from './texts.js';

/** Creates an element. Children are elements or text: data of the API is never parsed as markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== ''));
  return element;
}

const tones = {
  good: ['succeeded', 'callable', 'free', 'done', 'active', 'recovered', 'passed', 'executed'],
  bad: ['needs-review', 'invalid', 'breaker-open', 'failed', 'unreadable'],
  warn: [
    'unknown',
    'degraded',
    'saturated',
    'lane-paused',
    'paused',
    'unanswered',
    'throttled',
    'doubtful',
    'inconclusive',
  ],
  busy: ['queued', 'dispatching', 'half-open'],
};

/** A value of the API, such as a state, in the language of the page and with its colour. */
export function badge(word) {
  const tone = Object.keys(tones).find(name => tones[name].includes(word));
  return h('span', { class: 'badge', 'data-tone': tone, title: word }, t(word));
}

export const heading = text => h('h1', {}, text);
export const button = (label, click, kind) => h('button', { type: 'button', class: kind, click }, label);

export function moment(at) {
  const text = new Date(at).toLocaleString(locale(), { dateStyle: 'short', timeStyle: 'medium' });
  return h('time', { datetime: at, title: at }, text);
}

/** Money as the page's language writes it; the API's own text where a provider's currency is no currency. */
export function sum({ amount, currency }) {
  try {
    return new Intl.NumberFormat(locale(), { style: 'currency', currency }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

/** A table; on a narrow screen each row is a card, and each cell shows its own heading. */
export function table(caption, columns, rows) {
  if (rows.length === 0) return h('p', { class: 'empty' }, t('nothing'));
  const head = h('tr', {}, ...columns.map(([label]) => h('th', { scope: 'col' }, label)));
  const cell = ([label, of], row) => h('td', { 'data-label': label }, of(row));
  const body = rows.map(row => h('tr', {}, ...columns.map(column => cell(column, row))));
  return h('table', { 'aria-label': caption }, h('thead', {}, head), h('tbody', {}, ...body));
}

/** A list of names and values, without the empty ones. */
export function facts(...pairs) {
  const known = pairs.filter(([, value]) => value !== undefined && value !== '');
  return h('dl', {}, ...known.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}
