// The same load on four targets in turn: the direct call, the naive design, the lower bound, and the gateway.
// Measures the latency and CPU time that each adds to a call.
import { quantile } from './sliding.mjs';
import { cpuMs, keep, round } from './costs.mjs';
import {
  credentialOf,
  makeConnections,
  openStores,
  startChild,
  startGateways,
  startUpstream,
} from './stage.mjs';

/**
 * Runs the comparison on one kind of store; `seconds` per target, kind and round; `warmUp` seconds of each before, and five times as many of
 * the gateway, which has the most code: it runs for weeks, and Node compiles what it has seen run.
 */
export async function targets({
  store = 'redis',
  warmUp = 3,
  seconds,
  rounds,
  perSecond = 50,
  lanes: laneCount = 20,
  delayMs = 50,
}) {
  const stage = await openStage({ store, laneCount, delayMs });
  const run = (name, kind, length) => {
    const { urls, key } = stage.all[name];
    return stage.load.ask({
      shape: `${name} ${kind}`,
      urls,
      key,
      lanes: stage.lanes,
      perSecond,
      seconds: length,
    });
  };
  const shapes = Object.keys(stage.all).flatMap(name => ['read', 'write'].map(kind => [name, kind]));
  const tally = {};
  try {
    for (const [name, kind] of shapes) await run(name, kind, name === 'gateway' ? 5 * warmUp : warmUp);
    for (let i = 0; i < rounds; i++)
      for (const [name, kind] of shapes)
        await measure({ tally, stage, name, kind, run: () => run(name, kind, seconds) });
    const terms = { perSecond, lanes: laneCount, upstreamMs: delayMs, seconds, rounds };
    await keep(`targets-${store}`, table(tally), terms);
  } finally {
    await stage.close();
  }
}

/** The four targets, the provider behind them, and the load generator. */
async function openStage({ store, laneCount, delayMs }) {
  const stores = await openStores(store);
  const upstream = await startUpstream({ delayMs });
  const gateway = await startGateways(stores);
  const { redisUrl, databaseUrl } = stores;
  const credentials = Array.from({ length: laneCount }, (_, i) => credentialOf(i));
  const terms = { redisUrl, upstream: upstream.url, credentials };
  const naive = redisUrl && (await startChild('targets.naive.mjs', terms));
  const bare = await startChild('targets.bare.mjs', { ...terms, databaseUrl });
  const load = await startChild('load.mjs');
  const connections = await makeConnections(gateway, upstream, laneCount);
  return {
    stores,
    load,
    lanes: connections.map((connection, index) => ({ index, connection, credential: credentials[index] })),
    all: {
      direct: { urls: [upstream.url], pids: [] },
      ...(naive && { naive: { urls: [naive.url], pids: [naive.pid] } }),
      bare: { urls: [bare.url], pids: [bare.pid] },
      gateway: { urls: gateway.urls, pids: gateway.pids, key: gateway.key },
    },
    close: async () => {
      for (const one of [load, naive, bare, gateway, upstream, stores]) await one?.close();
    },
  };
}

async function measure({ tally, stage: { all, stores }, name, kind, run }) {
  const pids = [...all[name].pids, ...(name === 'direct' ? [] : stores.trees())];
  const before = cpuMs(pids);
  const { ms, failed, cpuMs: own } = await run();
  const sum = (tally[`${name} ${kind}`] ??= { ms: [], failed: 0, client: 0, behind: 0 });
  sum.ms.push(...ms);
  sum.failed += failed.length;
  sum.client += own;
  sum.behind += cpuMs(pids) - before;
}

function table(tally) {
  return Object.entries(tally).map(([name, { ms, failed, client, behind }]) => {
    const [, kind] = name.split(' ');
    const direct = tally[`direct ${kind}`];
    const calls = ms.length + failed;
    const at = share => quantile(ms, share);
    const added = share => round(at(share) - quantile(direct.ms, share));
    const directCpu = direct.client / (direct.ms.length + direct.failed);
    return {
      target: name,
      calls,
      failed,
      'p50 ms': round(at(0.5)),
      'p95 ms': round(at(0.95)),
      'p99 ms': round(at(0.99)),
      'added p50': added(0.5),
      'added p95': added(0.95),
      'added p99': added(0.99),
      'p50 ÷ direct': round(at(0.5) / quantile(direct.ms, 0.5), 3),
      'CPU ms, caller': round(client / calls),
      'CPU ms, behind it': round(behind / calls),
      'CPU ÷ direct': round((name.startsWith('direct') ? directCpu : behind / calls) / directCpu),
    };
  });
}
