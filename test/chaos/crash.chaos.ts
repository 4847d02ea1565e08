import { expect, it, onTestFinished } from 'vitest';
import { crashCases } from './crash-cases.js';
import { crashAll } from './crash-run.js';
import type { Crashes } from './crash-run.js';

const REPEATS = Number(process.env['REPEATS'] ?? 20);
/** Where lanes and jobs are: `STORE=postgres` is the embedded default. */
const STORE = process.env['STORE'] === 'postgres' ? 'postgres' : 'redis';

/** `dispatch:sent (api, head start): 20 killed, 37 acknowledged` */
function lineOf({ point, role, headStart, ...counts }: Crashes): string {
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  return `${point} (${role}${headStart ? ', head start' : ''}): ${told.join(', ')}`;
}

it('survives repeated crashes at every crash point', async () => {
  const all = crashCases.flatMap(one => one.roles.map(role => ({ one, role })));
  const known = new Map<string, Crashes>();
  // Also when the time of the test is over: then as far as it got.
  onTestFinished(() => console.table([...known.values()]));
  const results = await crashAll(all, REPEATS, STORE, crashes => {
    const { point, role, headStart } = crashes;
    known.set(`${point} ${role} ${headStart}`, crashes);
    console.error(`${known.size} of ${all.length}: ${lineOf(crashes)}`);
  });
  for (const result of results)
    expect(result).toMatchObject({ killed: REPEATS, review: 0, lost: 0, doubled: 0, wrong: 0 });
});
