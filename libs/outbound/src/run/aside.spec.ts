import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { enterLane } from '../lanes/lane-watch.js';

const FULL_LANES = `select lane from lane_states where saturated_at is not null`;

describe('a refusal that a read could say more about', () => {
  let world: World;
  let shop: OpenConnection;
  let sales = 0;
  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    shop = await world.connect('uds');
    // From now on, the company's settings are shared.
    expect(await sell('0')).toMatchObject({ status: 201 });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  const saleOf = (redeemPoints: string) => ({
    identifier: { type: 'code', value: '123456' },
    merchantReference: `sale-${++sales}`,
    receipt: { total: { amount: '100.00', currency: 'RUB' }, redeemPoints },
  });
  const sell = (redeemPoints: string) => world.write(purchaseKind, shop, { body: saleOf(redeemPoints) });

  it('is told what the read shows', async () => {
    expect(await sell('101')).toMatchObject({
      status: 422,
      body: { code: 'redeem-limit-exceeded', maxRedeemPoints: '70' },
    });
  });

  it('is told at once all the same while another spend of the customer is unknown', async () => {
    const { database, stores } = world.core;
    const lost = { provider: 'uds', method: 'POST', fault: 'reset-before-reading', count: 100 };
    await world.control('faults', lost);
    const { operationId } = await world.attempt(purchaseKind, shop, { body: saleOf('10') });
    expect((await stores.operations.byId(database.direct, operationId!))?.state).toBe('unknown');
    expect(await sell('101')).toMatchObject({
      status: 422,
      body: { code: 'redeem-limit-exceeded', maxRedeemPoints: expect.any(String) as string },
    });
  });

  it('reports no lane as full while another stands there', async () => {
    const { database, background, lanes } = world.core;
    const answers: (() => void)[] = [];
    vi.spyOn(lanes, 'enter').mockImplementation(
      () => new Promise(settle => answers.push(() => settle({ granted: false, retryAfterMs: 200 }))),
    );
    const terms = { laneClass: 'write', laneBudgetMs: 0, aside: true } as const;
    const both = [enterLane(world.core, shop.lane, terms), enterLane(world.core, shop.lane, terms)];
    for (const answer of answers) answer();
    await Promise.all(both);
    await background.drain(5_000);
    expect(await database.source.query(FULL_LANES)).toEqual([]);
  });

  const troubles: [string, () => unknown][] = [
    [
      'the lane is full',
      () => vi.spyOn(world.core.lanes, 'enter').mockResolvedValue({ granted: false, retryAfterMs: 60_000 }),
    ],
    [
      'the provider answers nobody',
      () => {
        const breaker = world.core.breakers.of(shop.lane.fingerprint);
        for (let call = 0; call < 20; call++) breaker.note({ kind: 'unanswered', reason: 'silence' });
      },
    ],
  ];

  it.each(troubles)('is told at once all the same where %s', async (_where, begins) => {
    begins();
    const { status, body } = await sell('101');
    expect({ status, code: (body as { code?: string }).code }).toEqual({
      status: 422,
      code: 'redeem-limit-exceeded',
    });
    expect(body).not.toHaveProperty('maxRedeemPoints');
    // Nobody was refused a start: the lane is not said to be full.
    await world.core.background.drain(5_000);
    expect(await world.core.database.source.query(FULL_LANES)).toEqual([]);
  });
});
