// The limiter alone, for different stores and numbers of processes and lanes: whether the limit holds, how much of it is used, how long
// interactive calls wait behind bulk, and what an idle lane costs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { keep } from './costs.mjs';

const FULL = {
  seconds: 30,
  processes: [1, 4],
  lanes: { redis: [1, 20, 200, 1_000], postgres: [1, 50, 200, 1_000] },
};
const QUICK = { seconds: 3, processes: [2], lanes: { redis: [20], postgres: [20] } };

/** Runs the lanes benchmark in every combination, one after the other. */
export async function matrix({ quick }) {
  const { seconds, processes, lanes } = quick ? QUICK : FULL;
  const rows = [];
  for (const store of ['redis', 'postgres']) {
    for (const count of processes)
      for (const many of lanes[store]) rows.push(run({ store, lanes: many, processes: count, seconds }));
    const many = lanes[store].includes(50) ? 50 : 20;
    rows.push(run({ store, lanes: many, processes: processes.at(-1), seconds, interactive: 0.5 }));
    rows.push(run({ store, lanes: many, processes: processes.at(-1), seconds, strict: true }));
    rows.push(run({ store, lanes: 1, processes: 1, seconds: 1, idle: quick ? 1_000 : 10_000 }));
    await keep('lanes', rows, { seconds });
  }
}

function run(plan) {
  const given = Object.entries(plan).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, `${value}`],
  );
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'lanes.bench.mjs'), ...given],
    {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const line = stdout.split('\n').find(text => text.startsWith('{'));
  if (status !== 0 || !line) throw new Error(`lanes ${given.join(' ')}: ${stderr}`);
  const { benchmark: _, ...figures } = JSON.parse(line);
  console.log(
    given.join(' '),
    '→',
    figures['calls/s'],
    'calls/s,',
    figures['provider: windows over'],
    'windows over',
  );
  return figures;
}
