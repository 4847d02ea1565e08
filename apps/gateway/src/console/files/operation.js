import { connectionNames, get, list, post } from './api.js';
import { confirm } from './dialog.js';
import { badge, button, facts, h, heading, moment, sum } from './dom.js';
import { polled } from './live.js';
import { explained, timelineNote } from './notes.js';
import { t } from './texts.js';

export const operation = polled(async ({ id, signal, refresh }) => {
  const [one, timeline, calls, names] = await Promise.all([
    get(`operations/${id}`, signal),
    get(`operations/${id}/events`, signal),
    list('provider-calls', { operationId: id, count: 100, signal }),
    connectionNames(),
  ]);
  return h(
    'section',
    {},
    h('a', { href: '#/operations', class: 'back' }, `← ${t('operations')}`),
    heading(t(one.kind)),
    h('p', { class: 'standing' }, badge(one.state), actions(one, refresh)),
    problemOf(one),
    about(one, names),
    h('h2', {}, t('timeline')),
    h('ol', { class: 'timeline' }, ...timeline.data.map(step)),
    h('h2', {}, t('calls')),
    calls.data.length === 0 ? h('p', { class: 'empty' }, t('nothing')) : '',
    // The API lists the newest first; here the oldest comes first.
    ...calls.data.toReversed().map(call),
  );
});

function about(one, names) {
  const { reconcile, queue } = one;
  return facts(
    ...figures(one),
    [t('id'), h('code', {}, one.id)],
    [t('resource'), h('code', {}, one.resource.id)],
    [t('reference'), one.merchantReference],
    [t('connection'), names.get(one.connectionId) ?? one.connectionId],
    [t('outcome'), badge(one.outcome)],
    [t('evidence'), t(`evidence-${one.evidence}`)],
    [t('retryClass'), t(one.retryClass)],
    [t('attempts'), String(one.attempts)],
    [
      t('queue'),
      queue && t('queuePlace', { position: queue.position, seconds: Math.ceil(queue.etaMs / 1000) }),
    ],
    [t('search'), reconcile && t('searched', { tries: reconcile.tries, strategy: reconcile.strategy })],
    [t('nextAt'), reconcile?.nextAt && moment(reconcile.nextAt)],
    [t('created'), one.createdAt && moment(one.createdAt)],
    [t('updated'), one.updatedAt && moment(one.updatedAt)],
  );
}

/** What is looked for in the provider's cabinet. */
const figures = ({ figures: { amount, points } = {} }) => [
  [t('amount'), amount && h('strong', {}, sum(amount))],
  [t('points'), points && h('strong', {}, points)],
];

function problemOf({ problem }) {
  if (!problem) return '';
  const { code, provider } = problem;
  const [summary, more] = explained(problem);
  const answer = provider && [provider.name, provider.status, provider.code, provider.message];
  return h(
    'div',
    { class: 'problem' },
    h('strong', {}, summary),
    more ? h('p', {}, ...linked(more)) : '',
    answer ? h('p', {}, `${t('providerSaid')}: ${answer.filter(Boolean).join(' · ')}`) : '',
    h('a', { href: `problems/${encodeURIComponent(code)}` }, h('code', {}, code)),
  );
}

function step(line) {
  const note = timelineNote(line);
  return h('li', {}, moment(line.at), badge(line.state), note ? h('span', {}, ...linked(note)) : '');
}

/** A text in which each operation's id is a link to it. */
const linked = text =>
  text.split(/(opr_\w+)/).map((part, at) => (at % 2 ? h('a', { href: `#/operations/${part}` }, part) : part));

function call({ at, method, url, status, durationMs, verdict, requestBody, responseBody, truncated }) {
  const body = (name, text) => [h('h3', {}, t(name)), h('pre', { tabindex: '0' }, pretty(text))];
  return h(
    'details',
    { class: 'call' },
    h(
      'summary',
      {},
      moment(at),
      badge(verdict),
      h('code', {}, `${method} ${url}`),
      `${status ?? '—'} · ${t('milliseconds', { ms: durationMs })}`,
    ),
    truncated ? h('p', {}, t('truncated')) : '',
    ...(requestBody === undefined ? [] : body('request', requestBody)),
    ...(responseBody === undefined ? [] : body('response', responseBody)),
  );
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function actions(one, refresh) {
  const { id, state, outcome } = one;
  const act = async (action, body) => {
    await post(`operations/${id}/${action}`, body).catch(error => alert(error.message));
    refresh();
  };
  const offered = [];
  if (state === 'unknown') offered.push(button(t('reconcile'), () => act('reconcile')));
  // Sent and to be sent again, it can be settled; never sent, it can be withdrawn.
  const repeated = state === 'queued' && outcome === 'unknown';
  if (repeated || ['unknown', 'needs-review'].includes(state))
    offered.push(button(t('resolve'), () => resolve(one, body => act('resolve', body)), 'second'));
  if (state === 'queued' && !repeated)
    offered.push(button(t('cancel'), () => withdraw(() => act('cancel')), 'danger'));
  return offered;
}

async function withdraw(then) {
  if (await confirm({ title: t('cancel'), text: t('cancelText'), action: t('cancel') })) await then();
}

async function resolve(one, then) {
  const choice = value =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: 'outcome', value, required: true }),
      h('span', {}, t(`it-${value}`), h('small', {}, t(`then-${value}`))),
    );
  const note = h('textarea', { name: 'note', required: true, maxlength: '1000', rows: '3' });
  const decision = await confirm({
    title: t('resolve'),
    text: t('resolveText'),
    action: t('resolveAction'),
    fields: [
      facts([t(one.kind), one.merchantReference], ...figures(one), [
        t('created'),
        one.createdAt && moment(one.createdAt),
      ]),
      choice('executed'),
      choice('not-executed'),
      h('label', {}, t('note'), note),
    ],
  });
  if (decision) await then(decision);
}
