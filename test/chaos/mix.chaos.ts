import { expect, it } from 'vitest';
import { reportOf } from './mix-oracle.js';
import { runMix } from './mix.js';

const seed = Number(process.env['SEED'] ?? 1);
const purchases = Number(process.env['PURCHASES'] ?? 5_000);

it(`answers truly under every fault at once: ${purchases} purchases, a fifth as many refunds (SEED=${seed})`, async () => {
  const mixed = await runMix({
    seed,
    purchases,
    refunds: Math.ceil(purchases / 5),
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
