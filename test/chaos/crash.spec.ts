import { beforeAll, describe, expect, it } from 'vitest';
import { crashCases } from './crash-cases.js';
import type { Role } from './crash-cases.js';
import { crashAll } from './crash-run.js';
import type { CrashResult } from './crash-run.js';

// One process per point, alternately gateway and worker; `npm run chaos` kills twenty of each kind.
const chosen = crashCases.map((one, index) => {
  const role: Role = one.roles[index % one.roles.length]!;
  return { one, role, point: one.point, headStart: one.headStart === true };
});

describe('a killed process loses nothing, duplicates nothing and causes no false answer', () => {
  let results: CrashResult[];
  beforeAll(async () => {
    results = await crashAll(chosen, 1);
  }, 900_000);

  it.each(chosen)('at $point ($role, head start: $headStart)', ({ point, headStart }) => {
    const result = results.find(one => one.point === point && one.headStart === headStart)!;
    expect(result).toMatchObject({ killed: 1, review: 0, lost: 0, doubled: 0, wrong: 0 });
    expect(result.succeeded + result.rejected).toBe(2);
  });
});
