// npm run bench            all benchmarks, about two hours on a quiet machine
// npm run bench -- --quick all benchmarks, a few seconds each, to see that they still run
// npm run bench -- targets holds   only these; npm run bench:lanes = the limiter alone
// Results are printed and kept in test/load/results. Nothing leaves 127.0.0.1.
import { parseArgs } from 'node:util';
import { buildIfStale } from '../../scripts/project.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
buildIfStale();

const { quick } = values;
const parts = {
  targets: async () => {
    const { targets } = await import('./targets.bench.mjs');
    for (const store of ['redis', 'postgres'])
      await targets({
        store,
        ...(quick ? { seconds: 3, rounds: 1 } : { warmUp: 30, seconds: 10, rounds: 4 }),
      });
  },
  lanes: async () => (await import('./matrix.bench.mjs')).matrix({ quick }),
  backlog: async () => (await import('./backlog.bench.mjs')).backlog({ quick }),
  holds: async () => (await import('./holds.bench.mjs')).holds({ quick }),
  stop: async () => (await import('./stop.bench.mjs')).stop({ quick }),
  hang: async () => (await import('./hang.bench.mjs')).hang({ quick }),
  kill: async () => (await import('./kill.bench.mjs')).kill({ quick }),
  unknown: async () => (await import('./unknown.bench.mjs')).unknown({ quick }),
  soak: async () => (await import('./soak.bench.mjs')).soak({ quick }),
};

for (const part of positionals.length > 0 ? positionals : Object.keys(parts)) {
  if (!parts[part])
    throw new Error(`There is no benchmark ${part}; there are: ${Object.keys(parts).join(', ')}.`);
  await parts[part]();
}
