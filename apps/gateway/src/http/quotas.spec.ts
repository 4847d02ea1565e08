import { LaneStoreDown } from '#outbound';
import type { Lanes } from '#outbound';
import { describe, expect, it } from 'vitest';
import { Quotas } from './quotas.js';
import { RequestTiming } from './timing.js';

describe('what is left of the limits', () => {
  it('covers only the key, without delaying the answer, when the lanes’ store does not answer at once', async () => {
    const use: Lanes['use'] = (_lanes, withinMs) =>
      withinMs === undefined ? new Promise(() => undefined) : Promise.reject(new LaneStoreDown(undefined));
    const timing = new RequestTiming();
    timing.uses({ fingerprint: 'uds-1', requests: 5, perMs: 1_000 });
    const told = await new Quotas({ use }).headers({ quota: { limit: 200, left: 7 }, timing });
    expect(told).toEqual({ 'ratelimit-policy': '"key";q=200;w=1', ratelimit: '"key";r=7;t=1' });
  });
});
