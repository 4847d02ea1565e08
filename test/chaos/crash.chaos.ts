import { expect, it } from 'vitest';
import { crashCases } from './crash-cases.js';
import { crashAll } from './crash-run.js';

const REPEATS = Number(process.env['REPEATS'] ?? 20);
/** Where lanes and jobs are: `STORE=postgres` is the embedded default. */
const STORE = process.env['STORE'] === 'postgres' ? 'postgres' : 'redis';

it('survives repeated crashes at every crash point', async () => {
  const all = crashCases.flatMap(one => one.roles.map(role => ({ one, role })));
  const results = await crashAll(all, REPEATS, STORE);
  console.table(results);
  for (const result of results)
    expect(result).toMatchObject({ killed: REPEATS, review: 0, lost: 0, doubled: 0, wrong: 0 });
});
