// Half an hour of even load, to find memory leaks.
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keep, residentMiB, round } from './costs.mjs';
import { makeConnections, openStores, startChild, startGateways, startUpstream } from './stage.mjs';

const LANES = 40;
const READS_PER_SECOND = 70;
const WRITES_PER_SECOND = 30;

/** Measures memory after each part of the load; the first part is the warm-up and the baseline. */
export async function soak({ quick }) {
  const { seconds, parts } = quick ? { seconds: 5, parts: 2 } : { seconds: 300, parts: 6 };
  const heapDir = await mkdtemp(join(tmpdir(), 'soak-'));
  const stores = await openStores('redis');
  const upstream = await startUpstream({ delayMs: 50 });
  const gateway = await startGateways(stores, {
    env: { HEAP_DIR: heapDir, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'heap.probe.mjs')}` },
  });
  const loads = [await startChild('load.mjs'), await startChild('load.mjs')];
  const seen = [];
  try {
    const connections = await makeConnections(gateway, upstream, LANES);
    const lanes = connections.map(connection => ({ connection }));
    const plan = { urls: gateway.urls, key: gateway.key, lanes, seconds };
    for (let part = 0; part < parts; part++) {
      const answers = await Promise.all([
        loads[0].ask({ ...plan, shape: 'gateway read', perSecond: READS_PER_SECOND }),
        loads[1].ask({ ...plan, shape: 'gateway write', perSecond: WRITES_PER_SECOND }),
      ]);
      seen.push({ answers, memory: await memoryOf(gateway.pids, heapDir) });
    }
    await keep('soak', table(seen), { perSecond: READS_PER_SECOND + WRITES_PER_SECOND, seconds, parts });
  } finally {
    for (const one of [...loads, gateway, upstream, stores]) await one.close();
    await rm(heapDir, { recursive: true, force: true });
  }
}

/** Heap after a full collection, and resident memory before it, of the REST process and of the worker. */
async function memoryOf(pids, heapDir) {
  const memory = {};
  for (const [index, pid] of pids.entries()) {
    const resident = residentMiB(pid);
    const folder = watch(heapDir);
    const written = once(folder, 'change');
    process.kill(pid, 'SIGUSR2');
    await written;
    folder.close();
    let bytes = '';
    // The file appears before its content.
    while (!bytes) bytes = await readFile(join(heapDir, `${pid}`), 'utf8');
    await rm(join(heapDir, `${pid}`));
    memory[['gateway', 'worker'][index]] = { resident, heap: Number(bytes) / 1024 / 1024 };
  }
  return memory;
}

function table(seen) {
  return ['gateway', 'worker'].map(name => {
    const heaps = seen.map(({ memory }) => memory[name].heap);
    return {
      process: name,
      calls: seen.reduce((sum, { answers }) => sum + answers.reduce((n, a) => n + a.ms.length, 0), 0),
      failed: seen.reduce((sum, { answers }) => sum + answers.reduce((n, a) => n + a.failed.length, 0), 0),
      'heap after GC, MiB, by part': heaps.map(heap => round(heap, 1)).join(' '),
      'last ÷ first': round(heaps.at(-1) / heaps[0], 3),
      'most resident, MiB': Math.max(...seen.map(({ memory }) => memory[name].resident)),
    };
  });
}
