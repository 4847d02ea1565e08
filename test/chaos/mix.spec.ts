import { expect, it } from 'vitest';
import { reportOf } from './mix-oracle.js';
import { runMix } from './mix.js';

// `npm run chaos` does the same with six thousand.
it('gives no false answer and duplicates no effect under any fault', async () => {
  const mixed = await runMix({ seed: 7, purchases: 250, refunds: 50, lanes: 20, share: 0.25 });
  try {
    const report = await reportOf(mixed);
    expect(report.violations).toEqual([]);
    expect(report.states['uds createPurchase succeeded']).toBeGreaterThan(150);
    expect(report.states['uds createRefund succeeded']).toBeGreaterThan(20);
  } finally {
    await mixed.close();
  }
}, 300_000);
