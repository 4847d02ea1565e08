import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { customerKind } from '../kinds/customer.kind.js';
import { pump } from './pump.js';

const MANY = 8;
// Of 50 each, as the account's referrals are listed.
const PAGES = 3;

describe('many queued writes that look first, in one lane', () => {
  let world: World;

  beforeAll(async () => {
    const options = { recreativ: { referrals: 120 } };
    world = await startWorld({ sandbox: { only: ['recreativ'], options } });
  });
  afterAll(() => world.close());

  it('are all sent, and none looks for nothing', async () => {
    const shop = await world.connect('recreativ', { currency: 'RUB' });
    for (let i = 0; i < MANY; i++) {
      const body = { username: `dina${i}`, email: `dina${i}@example.com`, phone: `+7903111223${i}` };
      await world.write(customerKind, shop, { body, waitMs: 0 });
    }

    await pump(world.core, shop.lane.fingerprint, new AbortController().signal);

    const calls = await world.journal('recreativ');
    expect(await world.effects('recreativ')).toHaveLength(MANY);
    const sent = (method: string) => calls.filter(call => call.method === method);
    // A machine that stands still may cost one of them its place.
    expect(sent('GET').length).toBeLessThan((MANY + 2) * PAGES);
  });
});
