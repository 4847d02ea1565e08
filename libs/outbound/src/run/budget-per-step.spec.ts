import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { adjustmentKind } from '../kinds/adjustment.kind.js';
import { execute } from './execute.js';

const BUDGET_MS = 4_000;
const STOOD_MS = 3_500;

describe('a write of several requests in a full lane, with nobody waiting for it', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['recreativ'] } });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  it('may stand in the lane as long for its last request as for its first', async () => {
    const { core, tenantId } = world;
    const shop = await world.connect('recreativ');
    const owner = { tenantId, connectionId: shop.id };
    const direct = core.database.direct;
    const params = { customerId: await core.stores.customers.upsert(direct, owner, { userId: '6001' }) };
    const body = { delta: { amount: '5.00', currency: 'RUB' } };
    const { operationId } = await world.write(adjustmentKind, shop, { body, params, waitMs: 0 });
    const now = performance.now.bind(performance);
    let stood = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now() + stood);
    const enter = core.lanes.enter.bind(core.lanes);
    const budgets: number[] = [];
    vi.spyOn(core.lanes, 'enter').mockImplementation((lane, cls, budgetMs) => {
      budgets.push(budgetMs);
      if (budgets.length === 1) stood += STOOD_MS;
      return enter(lane, cls, BUDGET_MS);
    });

    await execute(core, operationId!, { laneBudgetMs: BUDGET_MS, budgetPerStep: true });

    expect(budgets).toHaveLength(2);
    expect(Math.min(...budgets)).toBeGreaterThan(BUDGET_MS - STOOD_MS);
    expect((await core.stores.operations.byId(direct, operationId!))?.state).toBe('succeeded');
  });
});
