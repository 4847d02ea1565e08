import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds, purchaseKind, startWorkers } from '#outbound';
import type { Workers } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// A second `npm start`: the gateway's database is old, the sandbox's ledgers are new.
describe('a restarted sandbox with an old gateway database', () => {
  let world: World;
  let workers: Workers;
  let begun = 0;

  beforeAll(async () => {
    world = await startWorld({
      store: 'postgres',
      sandbox: { only: ['uds', 'recca'], firstNumber: () => 1_000 * begun++ },
    });
    workers = startWorkers(world.core, world.queues);
  });
  afterAll(async () => {
    await workers.close();
    await world.close();
  });

  it('does not reuse sale ids, so that a lost sale is found', async () => {
    const uds = await world.connect('uds');
    const buy = (merchantReference: string) =>
      world.write(purchaseKind, uds, {
        body: {
          identifier: { type: 'code', value: '123456' },
          merchantReference,
          receipt: { total: { amount: '500.00', currency: 'RUB' } },
        },
        waitMs: 25_000,
      });
    expect((await buy('yesterday')).status).toBe(201);
    await world.control('reset', { provider: 'uds' });
    await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
    expect((await buy('today')).status).toBe(201);
  });

  it('does not reuse customer ids', async () => {
    const recca = await world.connect('recca');
    const make = async (externalId: string) => {
      const { body } = await world.write(kinds.createCustomer, recca, {
        body: { externalId },
        waitMs: 25_000,
      });
      return (body as { id: string }).id;
    };
    const anna = await make('mysite:vk:1');
    await world.control('reset', { provider: 'recca' });
    expect(await make('mysite:vk:2')).not.toBe(anna);
  });
});
