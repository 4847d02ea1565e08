import { beforeAll, describe, expect, it } from 'vitest';
import { crashCases } from './crash-cases.js';
import type { Role } from './crash-cases.js';
import { crashAll } from './crash-run.js';
import type { CrashResult } from './crash-run.js';

// One process per point, alternately gateway and worker, and two by two over Redis and over Postgres alone; `npm run chaos` kills twenty of each kind.
const stores = ['redis', 'postgres'] as const;
const chosen = crashCases.map((one, index) => {
  const role: Role = one.roles[index % one.roles.length]!;
  const store = stores[Math.floor(index / 2) % stores.length]!;
  return { one, role, store, point: one.point, headStart: one.headStart === true };
});

describe('a killed process loses nothing, duplicates nothing and causes no false answer', () => {
  let results: CrashResult[];
  beforeAll(async () => {
    results = [];
    for (const store of stores) {
      const cases = chosen.filter(one => one.store === store);
      results.push(...(await crashAll(cases, 1, store)));
    }
  }, 900_000);

  it.each(chosen)('at $point ($role, $store, head start: $headStart)', ({ point, headStart }) => {
    const result = results.find(one => one.point === point && one.headStart === headStart)!;
    expect(result).toMatchObject({ killed: 1, review: 0, lost: 0, doubled: 0, wrong: 0 });
    expect(result.succeeded + result.rejected).toBe(2);
  });
});
