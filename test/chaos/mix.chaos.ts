import { expect, it } from 'vitest';
import { reportOf } from './mix-oracle.js';
import { runMix } from './mix.js';

const seed = Number(process.env['SEED'] ?? 1);

it(`answers truly 6,000 times under every fault at once (SEED=${seed})`, async () => {
  const mixed = await runMix({
    seed,
    purchases: 5_000,
    refunds: 1_000,
    lanes: 60,
    share: 0.25,
    patient: true,
  });
  try {
    const { states, effects, violations } = await reportOf(mixed);
    console.table(states);
    console.log(`${mixed.told.length} answers, ${effects} effects, ${violations.length} violations`);
    expect(violations).toEqual([]);
  } finally {
    await mixed.close();
  }
});
