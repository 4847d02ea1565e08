import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { reconcile } from '../reconcile/reconcile.js';

// UDS wants an id in every request that no other one has, and the adapter makes it of what is sent and when.
describe('the same request, sent twice by one plan', () => {
  let world: World;
  let ticks = 0;
  const began = Date.now();

  beforeAll(async () => {
    world = await startWorld({
      store: 'postgres',
      sandbox: { only: ['uds'] },
      now: () => new Date(began + ticks++),
    });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  /** What is sent from now on, and under which id. */
  function spied(): { calls: string[]; ids: Set<string> } {
    const { send } = world.core;
    const really = send.send.bind(send);
    const seen = { calls: [] as string[], ids: new Set<string>() };
    vi.spyOn(send, 'send').mockImplementation(request => {
      seen.calls.push(`${request.method} ${new URL(request.url).pathname.split('/').at(-1)}`);
      seen.ids.add(request.headers['X-Origin-Request-Id']!);
      return really(request);
    });
    return seen;
  }

  const saleOf = (merchantReference: string) => ({
    identifier: { type: 'code', value: '123456' },
    merchantReference,
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  });

  it('has a time of its own in a look for a lost answer', async () => {
    const fault = 'reset-before-reading';
    await world.control('faults', { provider: 'uds', method: 'POST', fault, count: 2 });
    const sale = { body: saleOf('lost-twice') };
    const id = (await world.attempt(purchaseKind, await world.connect('uds'), sale)).operationId!;
    const { operations } = world.core.stores;
    expect((await operations.byId(world.core.database.direct, id))!.state).toBe('unknown');
    const { calls, ids } = spied();
    await reconcile(world.core, id);
    expect(calls).toEqual(['GET operations', 'POST operations', 'GET operations']);
    expect(ids.size).toBe(calls.length);
  });

  it('has a time of its own in a sale', async () => {
    const body = { errorCode: 'invalidChecksum', message: 'No' };
    const fault = { fault: 'refusal-200', params: { body }, count: 1 };
    await world.control('faults', { provider: 'uds', method: 'POST', ...fault });
    const { calls, ids } = spied();
    const sale = { body: saleOf('refused'), waitMs: 20_000 };
    expect(await world.write(purchaseKind, await world.connect('uds'), sale)).toMatchObject({
      status: 422,
      body: { code: 'amount-mismatch' },
    });
    expect(calls).toEqual(['GET settings', 'POST operations', 'GET settings', 'GET operations']);
    expect(ids.size).toBe(calls.length);
  });
});
