// A provider that never answers next to a healthy one: the healthy one must not become slower, and every caller must get an answer
// within its `Prefer: wait`.
import { Agent, request } from 'node:http';
import { keep, round } from './costs.mjs';
import { quantile } from './sliding.mjs';
import { headers, makeConnections, openStores, sale, startGateways, startUpstream } from './stage.mjs';

const WAIT_MS = 1_000;
const GRACE_MS = 250;
const WELL_PER_SECOND = 15;
const HANGING_PER_SECOND = 20;

/** Measures the healthy provider alone, then next to the second provider while that one still answers, then once it hangs. The load and the cores are the same, so only the hanging differs. Callers of the hanging provider must be answered when their wait is over. */
export async function hang({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres']) rows.push(await run({ store, seconds: quick ? 5 : 100 }));
  await keep('hang', rows, { waitMs: WAIT_MS, perSecond: HANGING_PER_SECOND });
}

async function run({ store, seconds }) {
  const stores = await openStores(store);
  const upstreams = [await startUpstream({ delayMs: 50 }), await startUpstream({ delayMs: 50 })];
  const gateway = await startGateways(stores, { workers: 1 });
  const agent = new Agent({ keepAlive: true });
  const callers = { gateway, agent };
  try {
    const well = await makeConnections(gateway, upstreams[0], 20);
    const hanging = await makeConnections(gateway, upstreams[1], 40, 100);
    await load({ ...callers, connections: well, perSecond: WELL_PER_SECOND, seconds: Math.min(10, seconds) });
    const calm = {
      ...callers,
      connections: well,
      perSecond: WELL_PER_SECOND,
      seconds: Math.min(30, seconds),
    };
    const alone = await load(calm);
    const both = () =>
      Promise.all([
        load({ ...calm, seconds }),
        load({ ...callers, connections: hanging, perSecond: HANGING_PER_SECOND, seconds }),
      ]);
    const [besideWell] = await both();
    await upstreams[1].ask('silence');
    const [beside, left] = await both();
    return { store, ...isolation(alone, besideWell, beside), ...inTime(left) };
  } finally {
    agent.destroy();
    for (const each of [gateway, ...upstreams, stores]) await each.close();
  }
}

function isolation(alone, besideWell, beside) {
  const p95 = calls =>
    round(
      quantile(
        calls.filter(({ status }) => status < 300).map(({ ms }) => ms),
        0.95,
      ),
    );
  return {
    'healthy alone, p95 ms': p95(alone),
    'beside the other, p95 ms': p95(besideWell),
    'beside it when dead, p95 ms': p95(beside),
    'p95, dead ÷ well': round(p95(beside) / p95(besideWell), 3),
    'healthy not served': [...alone, ...besideWell, ...beside].filter(({ status }) => status >= 300).length,
  };
}

function inTime(calls) {
  const ms = calls.map(call => call.ms);
  return {
    'hanging calls': calls.length,
    'answered in wait + 250 ms': ms.filter(each => each <= WAIT_MS + GRACE_MS).length,
    'latest ms': round(Math.max(...ms)),
    'answers by status': JSON.stringify(tally(calls.map(({ status }) => status))),
  };
}

const tally = values => values.reduce((sums, value) => ({ ...sums, [value]: (sums[value] ?? 0) + 1 }), {});

/** Alternating look-ups and sales at an even rate. */
async function load({ gateway, agent, connections, perSecond, seconds }) {
  const calls = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    const connection = connections[i % connections.length];
    const [path, body] =
      i % 2 === 0
        ? ['/v1/purchases', sale()]
        : ['/v1/customers/lookup', { identifier: { type: 'code', value: '123456' } }];
    calls.push(call({ gateway, agent, connection, path, body }));
    await new Promise(resolve => setTimeout(resolve, 1_000 / perSecond));
  }
  return Promise.all(calls);
}

function call({ gateway: { urls, key }, agent, connection, path, body }) {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${urls[0]}${path}`,
      { method: 'POST', agent, headers: { ...headers(key, connection), prefer: `wait=${WAIT_MS / 1_000}` } },
      answer =>
        answer
          .resume()
          .once('end', () => resolve({ status: answer.statusCode, ms: performance.now() - since })),
    );
    outgoing.once('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}
