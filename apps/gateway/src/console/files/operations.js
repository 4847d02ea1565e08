import { connectionNames, list } from './api.js';
import { badge, h, heading, moment, table } from './dom.js';
import { polled } from './live.js';
import { t } from './texts.js';

const states = 'needs-review unknown queued dispatching rejected succeeded cancelled expired'.split(' ');

export const operations = polled(async ({ params, signal }) => {
  const { count = 25, ...filters } = params;
  const { state, merchantReference } = filters;
  const [found, urgent, names] = await Promise.all([
    list('operations', { ...filters, count: Number(count), signal }),
    state || merchantReference
      ? { data: [] }
      : list('operations', { ...filters, state: 'needs-review', count: 100, signal }),
    connectionNames(),
  ]);
  // Operations that need a person come first, however old they are.
  const urgentIds = new Set(urgent.data.map(({ id }) => id));
  const rows = [...urgent.data, ...found.data.filter(({ id }) => !urgentIds.has(id))];
  return h(
    'section',
    {},
    heading(t('operations')),
    filterBar(filters, names),
    table(t('operations'), columns(names), rows),
    found.more
      ? h('a', { class: 'more', href: link({ ...params, count: Number(count) + 50 }) }, t('more'))
      : '',
  );
});

const columns = names => [
  [t('operation'), ({ id, kind }) => h('a', { href: `#/operations/${id}` }, t(kind))],
  [t('state'), ({ state }) => badge(state)],
  [t('reference'), ({ merchantReference, resource }) => merchantReference ?? h('code', {}, resource.id)],
  [t('connection'), ({ connectionId }) => names.get(connectionId) ?? connectionId ?? ''],
  [t('problem'), ({ problem }) => (problem ? h('code', {}, problem.code) : '')],
  [t('created'), ({ createdAt }) => moment(createdAt)],
];

function filterBar(filters, names) {
  const go = change => {
    location.hash = link({ ...filters, ...change });
  };
  const { state, connectionId, merchantReference } = filters;
  const choice = (label, chosen, words, change) =>
    h(
      'label',
      {},
      label,
      h(
        'select',
        { change: ({ target }) => go({ [change]: target.value }) },
        h('option', { value: '' }, t('all')),
        ...words.map(([value, text]) => h('option', { value, selected: value === chosen }, text)),
      ),
    );
  const named = states.map(word => [word, t(word)]);
  return h(
    'div',
    { class: 'filters' },
    choice(t('state'), state, named, 'state'),
    choice(t('connection'), connectionId, [...names], 'connectionId'),
    search(merchantReference, number => go({ merchantReference: number })),
  );
}

// Sent by Enter: a browser tells of a `change` also when a poll replaces the field that is being typed in.
function search(sought, find) {
  const input = h('input', { type: 'search', value: sought, maxlength: 64 });
  const submit = submitted => {
    submitted.preventDefault();
    find(input.value.trim());
  };
  return h('form', { submit }, h('label', {}, t('reference'), input));
}

const link = params =>
  `#/operations?${new URLSearchParams(Object.entries(params).filter(([, value]) => value))}`;
