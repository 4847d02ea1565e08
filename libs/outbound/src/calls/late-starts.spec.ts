import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { LATE_START_MS } from '../core/timeouts.js';
import { lookUpCustomer } from '../reads/customers.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import type { LaneRefusal, Lanes, Slot } from '../lanes/lanes.js';
import { submit } from '../intake/submit.js';

const identifier = { type: 'code', value: '000123' };
const sale = {
  identifier,
  merchantReference: 'late-1',
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
};

/** Lanes whose starts are all long past when they are given, and what `again` then answers. */
const late = (lanes: Lanes, again: (slot: Slot, budgetMs: number) => Slot | LaneRefusal): Lanes => ({
  begin: async () => undefined,
  enter: async (...asked) => {
    const slot = await lanes.enter(...asked);
    return slot.granted ? { ...slot, dueAt: performance.now() - 1_000 } : slot;
  },
  again: async (...asked) => again(...asked),
  giveBack: slot => lanes.giveBack(slot),
  sent: () => undefined,
  pause: (...asked) => lanes.pause(...asked),
  use: asked => lanes.use(asked),
  close: async () => undefined,
});

describe('a start that passed before the call could leave', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ sandbox: { only: ['uds'] } });
  });
  afterAll(() => world.close());

  const withLanes = (again: (slot: Slot, budgetMs: number) => Slot | LaneRefusal) => ({
    ...world.core,
    lanes: late(world.core.lanes, again),
  });

  it('is given back for a new one, within what a reader waits', async () => {
    const budgets: number[] = [];
    const core = withLanes((slot, budgetMs) => {
      budgets.push(budgetMs);
      return { ...slot, dueAt: performance.now() };
    });
    const shop = await world.connect('uds');
    const found = await lookUpCustomer(core, shop, { identifier } as never, { waitMs: 60_000 });
    expect(found.id).toBeDefined();
    expect(Math.max(...budgets)).toBeGreaterThan(LATE_START_MS);
  });

  it('sends nothing when there is no new one: the write waits in its queue, and is not in doubt', async () => {
    const core = withLanes(() => ({ granted: false, retryAfterMs: 60_000 }));
    const shop = await world.connect('uds');
    const before = (await world.journal('uds')).length;
    const answer = await submit(core, {
      kind: purchaseKind,
      connection: shop,
      body: sale,
      params: {},
      idempotencyKey: 'late-1',
      waitMs: 200,
    });
    expect(answer.status).toBe(202);
    await core.background.drain(5_000);
    const stored = await core.stores.operations.byId(core.database.direct, answer.operationId!);
    expect(stored).toMatchObject({ state: 'queued', outcome: 'not-executed', writeSent: false });
    expect(await world.journal('uds')).toHaveLength(before);
  });

  const stops = ['a new start', 'its claim'];
  it.each(stops)('sends nothing after its lease, when it was stopped at %s', async cause => {
    const really = performance.now.bind(performance);
    let stoppedMs = 0;
    let start: Slot | undefined;
    vi.spyOn(performance, 'now').mockImplementation(() => really() + stoppedMs);
    const core = withLanes(slot => {
      if (cause === 'a new start') stoppedMs += 60_000;
      return (start = { ...slot, dueAt: performance.now() });
    });
    const givenBack = vi.spyOn(core.lanes, 'giveBack');
    const { operations } = core.stores;
    const claim = operations.claim.bind(operations);
    vi.spyOn(operations, 'claim').mockImplementation(async (...asked) => {
      const answer = await claim(...asked);
      if (cause === 'its claim') stoppedMs += 60_000;
      return answer;
    });
    const shop = await world.connect('uds');
    const effects = (await world.effects('uds')).length;
    try {
      const answer = await submit(core, {
        kind: purchaseKind,
        connection: shop,
        body: { ...sale, merchantReference: cause },
        params: {},
        idempotencyKey: cause,
        waitMs: 2_000,
      });
      expect(answer.status).toBe(202);
      await core.background.drain(20_000);
      const stored = await core.stores.operations.byId(core.database.direct, answer.operationId!);
      expect(stored).toMatchObject({ state: 'queued', outcome: 'not-executed', writeSent: false });
      expect(await world.effects('uds')).toHaveLength(effects);
      expect(givenBack.mock.lastCall![0]).toBe(start);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
