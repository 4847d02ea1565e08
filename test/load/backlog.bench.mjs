// Whole processes: several workers work off queued sales, at a provider that refuses calls over its limit.
// Measures whether each credential's limit holds over all processes, how much of it a backlog uses, how long a till waits in front of
// that backlog, and what a lane costs in memory and connections.
import { queueSales, statesIn } from './backlog.rows.mjs';
import { quantile, sliding } from './sliding.mjs';
import { keep, residentMiB, round } from './costs.mjs';
import {
  credentialOf,
  headers,
  makeConnections,
  openStores,
  startGateways,
  startUpstream,
} from './stage.mjs';

const LIMIT = 5;
const WINDOW_MS = 1_000;

/** One long backlog with a till in the same lane, twenty lanes until they are empty, and a thousand lanes at once. */
export async function backlog({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres']) {
    const one = quick ? { rows: 200, seconds: 8 } : { rows: 10_000, seconds: 120 };
    rows.push(
      await run({
        name: 'a till before a backlog',
        store,
        lanes: 1,
        workers: 2,
        ...one,
        tillEveryMs: quick ? 500 : 1_000,
      }),
    );
    const twenty = quick ? { rows: 10, seconds: 60 } : { rows: 500, seconds: 300 };
    rows.push(await run({ name: 'to the end', store, lanes: 20, workers: 2, ...twenty, toTheEnd: true }));
    const many = quick ? { lanes: 30, rows: 20, seconds: 8 } : { lanes: 1_000, rows: 200, seconds: 60 };
    rows.push(await run({ name: 'many lanes', store, workers: quick ? 2 : 4, ...many }));
    await keep('backlog', rows);
  }
}

async function run(plan) {
  const stores = await openStores(plan.store);
  const upstream = await startUpstream({ strict: true });
  const gateway = await startGateways(stores, { workers: 0 });
  try {
    const connections = await makeConnections(gateway, upstream, plan.lanes);
    await queueSales({ gateway, databaseUrl: stores.databaseUrl }, connections, plan.rows);
    await upstream.ask('clear');
    const workers = await Promise.all(Array.from({ length: plan.workers }, () => gateway.startWorker()));
    await firstCall(upstream);
    const from = performance.now();
    const stop = from + plan.seconds * 1_000;
    const waits = [];
    while (performance.now() < stop && !(plan.toTheEnd && (await drained(stores)))) {
      if (plan.tillEveryMs) waits.push(await lookUp(gateway, connections[0]));
      await new Promise(resolve => setTimeout(resolve, plan.tillEveryMs ?? 1_000));
    }
    const ranMs = performance.now() - from;
    const connected = await stores.connections();
    const rss = Math.max(...workers.map(residentMiB));
    return {
      ...figures(plan, { ...(await upstream.ask('report')), waits, ranMs }),
      ...(await endStates(stores)),
      ...memory(rss, connected),
    };
  } finally {
    for (const each of [gateway, upstream, stores]) await each.close();
  }
}

// Processes start slowly on a busy machine; their start is not measured.
async function firstCall(upstream) {
  while ((await upstream.ask('report')).arrivals.size === 0)
    await new Promise(resolve => setTimeout(resolve, 200));
}

async function drained({ databaseUrl }) {
  const { queued = 0, dispatching = 0 } = await statesIn(databaseUrl);
  return queued + dispatching === 0;
}

async function lookUp({ urls, key }, connection) {
  const since = performance.now();
  const answer = await fetch(`${urls[0]}/v1/customers/lookup`, {
    method: 'POST',
    headers: headers(key, connection),
    body: JSON.stringify({ identifier: { type: 'code', value: '123456' } }),
  });
  await answer.arrayBuffer();
  const queue = Number(/queue;dur=([\d.]+)/.exec(answer.headers.get('server-timing'))?.[1]);
  return { status: answer.status, ms: performance.now() - since, queueMs: queue };
}

function figures({ name, store, lanes, workers, rows }, { arrivals, receipts, refused, waits, ranMs }) {
  const stamps = Array.from({ length: lanes }, (_, i) => arrivals.get(credentialOf(i)) ?? []);
  const windows = stamps.map(each => sliding(each, LIMIT, WINDOW_MS));
  const calls = stamps.flat().length;
  // From the first call to the last, so that the start of the workers does not count.
  const spans = stamps
    .filter(each => each.length > LIMIT)
    .map(each => ((each.length - 1) * 1_000) / (each.at(-1) - each[0]));
  return {
    run: name,
    store,
    lanes,
    workers,
    'rows a lane': rows,
    seconds: round(ranMs / 1_000, 1),
    calls,
    'calls/s': round((calls * 1_000) / ranMs),
    'rate of a lane, average %': round((100 * spans.reduce((a, b) => a + b, 0)) / (spans.length * LIMIT)),
    'rate, worst lane %': round((100 * Math.min(...spans)) / LIMIT),
    'windows over': windows.reduce((sum, each) => sum + each.over, 0),
    'tightest 6, ms': round(Math.min(...windows.map(each => each.tightestMs))),
    'answered 429': refused,
    'sent twice': [...receipts.values()].filter(times => times > 1).length,
    ...(waits.length > 0 && tillFigures(waits)),
  };
}

function tillFigures(waits) {
  const at = (part, share) =>
    round(
      quantile(
        waits.map(wait => wait[part]),
        share,
      ),
    );
  return {
    'till: calls': waits.length,
    'till: failed': waits.filter(({ status }) => status !== 200).length,
    'till: wait in the lane p50, ms': at('queueMs', 0.5),
    'till: wait in the lane p99, ms': at('queueMs', 0.99),
    'till: whole answer p50, ms': at('ms', 0.5),
    'till: whole answer p99, ms': at('ms', 0.99),
  };
}

async function endStates({ databaseUrl }) {
  const { succeeded = 0, queued = 0, dispatching = 0, unknown = 0, ...others } = await statesIn(databaseUrl);
  const other = Object.values(others).reduce((a, b) => a + b, 0);
  return { succeeded, 'still queued': queued, 'on the way': dispatching, unknown, 'otherwise ended': other };
}

const memory = (rss, { postgres, redis }) => ({
  'memory of a worker, MiB': rss,
  'connections to Postgres': postgres,
  'connections to Redis': redis,
});
