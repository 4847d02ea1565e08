import { connectionNames, events as stream, list } from './api.js';
import { badge, facts, h, heading, moment, table } from './dom.js';
import { failure, pause, polled } from './live.js';
import { locale, t } from './texts.js';

const cards = (title, all) =>
  h(
    'section',
    {},
    heading(title),
    all.length === 0 ? h('p', { class: 'empty' }, t('nothing')) : h('div', { class: 'cards' }, ...all),
  );
const card = (title, word, ...rest) =>
  h('article', {}, h('div', { class: 'title' }, h('h2', {}, title), badge(word)), ...rest);

export const connections = polled(async ({ signal }) => {
  const { data } = await list('connections', { count: 500, signal });
  return cards(t('connections'), data.map(connection));
}, 5000);

function connection({ id, name, slug, provider, state, baseUrl, lastCheck, lane, capabilities }) {
  const all = Object.values(capabilities);
  const offered = all.filter(({ supported }) => supported).length;
  const rate = t('perSecond', { requests: (lane.limit.requests * 1000) / lane.limit.perMs });
  return card(
    name ?? slug,
    state,
    facts(
      [t('provider'), provider],
      [t('slug'), h('code', {}, slug)],
      [t('address'), h('code', {}, baseUrl)],
      [t('lane'), h('span', {}, h('code', {}, lane.id), ' · ', h('span', { class: 'whole' }, rate))],
      [t('capabilities'), t('ofAll', { offered, all: all.length })],
      [t('lastCheck'), lastCheck && h('span', {}, badge(lastCheck.result), ' ', moment(lastCheck.at))],
      ['', lastCheck?.detail],
    ),
    h('a', { href: `#/operations?connectionId=${id}` }, t('operations')),
  );
}

/** Lanes, updated live from a stream of events; the list is polled where the stream does not get through. */
export async function* lanes({ signal }) {
  const names = await connectionNames();
  const view = all =>
    cards(
      t('lanes'),
      all.map(one => lane(one, names)),
    );
  while (!signal.aborted) {
    yield await list('lanes', { count: 500, signal }).then(
      ({ data }) => view(data),
      error => failure(error, signal),
    );
    try {
      const known = new Map();
      for await (const { event, data } of stream('lanes/stream', signal)) {
        if (event === 'lanes') known.clear();
        for (const one of data) known.set(one.id, one);
        yield view([...known.values()]);
      }
    } catch {
      // The stream ended, or a proxy blocks it: the list is loaded again.
    }
    await pause(2000, signal);
  }
}

function lane(
  { id, provider, limit, slotsUsed, waiting, etaMs, saturated, breaker, pausedUntil, connectionIds },
  names,
) {
  const word =
    breaker !== 'closed' ? 'breaker-open' : pausedUntil ? 'lane-paused' : saturated ? 'saturated' : 'free';
  const { requests, perMs } = limit;
  const used = t('used', { used: slotsUsed, requests, seconds: perMs / 1000 });
  const depth = Object.entries(waiting)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${t(`waiting-${name}`)}: ${count.toLocaleString(locale())}`);
  return card(
    provider,
    word,
    h('meter', { min: '0', max: String(requests), value: String(slotsUsed), 'aria-label': used }),
    facts(
      [t('window'), used],
      [t('waiting'), depth.join(', ') || '0'],
      [t('eta'), etaMs > 0 ? t('seconds', { seconds: (etaMs / 1000).toFixed(1) }) : undefined],
      [t('pausedUntil'), pausedUntil && moment(pausedUntil)],
      [t('connections'), (connectionIds ?? []).map(one => names.get(one) ?? one).join(', ')],
      [t('lane'), h('code', {}, id)],
    ),
  );
}

export const events = polled(async ({ params: { type, count = 50 }, signal }) => {
  const [{ data, more }, names] = await Promise.all([
    list('events', { type, count: Number(count), signal }),
    connectionNames(),
  ]);
  const next = `#/events?count=${Number(count) + 50}`;
  const columns = [
    [t('event'), event => h('code', {}, event.type)],
    [t('state'), ({ data: { state } }) => (state ? badge(state) : '')],
    [t('resource'), event => subject(event.data, names)],
    [t('operation'), event => operationOf(event.data)],
    [t('sequence'), ({ sequence }) => String(sequence)],
    [t('time'), ({ timestamp }) => moment(timestamp)],
  ];
  const rest = more ? h('a', { class: 'more', href: next }, t('more')) : '';
  return h('section', {}, heading(t('events')), table(t('events'), columns, data), rest);
});

const subject = (data, names) => {
  const id = subjectOf(data);
  return names.get(id) ?? h('code', {}, id);
};

// The data of an event names its subject: as `resource`, or in a field of its own (`purchaseId`).
function subjectOf({ resource, state: _, operationId, ...rest }) {
  const [first] = Object.values(rest).filter(value => typeof value === 'string');
  return resource?.id ?? first ?? operationId ?? '';
}

function operationOf(data) {
  const id = Object.values(data).find(value => String(value).startsWith('opr_'));
  return id ? h('a', { href: `#/operations/${id}` }, `…${id.slice(-6)}`) : '';
}
