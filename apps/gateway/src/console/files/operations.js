import { connectionNames, list } from './api.js';
import { badge, h, heading, moment, table } from './dom.js';
import { polled } from './live.js';
import { t } from './texts.js';

const states = 'needs-review unknown queued dispatching rejected succeeded cancelled expired'.split(' ');

export const operations = polled(async ({ params, signal }) => {
  const { state, connectionId, count = 25 } = params;
  const [found, urgent, names] = await Promise.all([
    list('operations', { state, connectionId, count: Number(count), signal }),
    state ? { data: [] } : list('operations', { state: 'needs-review', connectionId, count: 100, signal }),
    connectionNames(),
  ]);
  // Operations that need a person come first, however old they are.
  const urgentIds = new Set(urgent.data.map(({ id }) => id));
  const rows = [...urgent.data, ...found.data.filter(({ id }) => !urgentIds.has(id))];
  return h(
    'section',
    {},
    heading(t('operations')),
    filters(params, names),
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

function filters({ state, connectionId }, names) {
  const go = change => {
    location.hash = link({ state, connectionId, ...change });
  };
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
  );
}

const link = params =>
  `#/operations?${new URLSearchParams(Object.entries(params).filter(([, value]) => value))}`;
