import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredOperation } from '#persistence';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { LaneBreaker } from '../calls/breaker.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { LaneStoreDown } from '../lanes/lanes.js';
import type { Lanes } from '../lanes/lanes.js';
import { operationView } from './operation-view.js';

const TRIAL_MS = 4_000;

/** A breaker whose trial is always as far off. */
class OpenBreaker extends LaneBreaker {
  override openForMs = (): number => TRIAL_MS;
}

/** A store of lanes that never answers; only who waits for no more than a glance is told so. */
const silentAtAGlance: Lanes['use'] = (_lanes, withinMs) =>
  withinMs === undefined ? new Promise(() => undefined) : Promise.reject(new LaneStoreDown(undefined));

const sale = () => ({
  identifier: { type: 'code', value: '000123' },
  merchantReference: randomUUID(),
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
});

describe('an operation that waits', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ sandbox: { only: ['uds'] } });
  });
  afterAll(() => world.close());

  const waiting = async () => {
    const shop = await world.connect('uds');
    const { operationId } = await world.write(purchaseKind, shop, { body: sale(), waitMs: 0 });
    return (await world.core.stores.operations.byId(world.core.database.direct, operationId!))!;
  };

  it.each([
    ['unknown', true],
    ['needs-review', false],
    ['rejected', false],
    ['succeeded', false],
  ] as const)('tells of a next probe only as long as one is planned: %s', async (state, planned) => {
    const seen = { strategy: 'operations-list', tries: 2, absents: 0, reason: 'timeout' };
    const reconcile = { ...seen, nextAt: '2026-11-21T10:00:00.000Z' };
    const operation = { ...(await waiting()), state, reconcile };
    const view = await operationView(world.core, world.core.database.direct, operation);
    expect('nextAt' in view.reconcile!).toBe(planned);
  });

  it('reckons with a provider that does not answer: nothing starts before the trial', async () => {
    const operation = await waiting();
    const { direct } = world.core.database;
    const breakers = Object.assign(Object.create(world.core.breakers), { of: () => new OpenBreaker() });
    const { queue } = await operationView({ ...world.core, breakers }, direct, operation);
    expect(queue).toMatchObject({ position: 0, etaMs: TRIAL_MS });
  });

  it('is shown without its lane’s figures by a store that does not answer at a glance', async () => {
    const shop = await world.connect('uds');
    const { operationId } = await world.write(purchaseKind, shop, { body: sale(), waitMs: 0 });
    const { direct } = world.core.database;
    const operation = (await world.core.stores.operations.byId(direct, operationId!))!;
    const lanes = Object.assign(Object.create(world.core.lanes), { use: silentAtAGlance });
    const { queue } = await operationView({ ...world.core, lanes }, direct, operation);
    expect(queue).toMatchObject({ position: 0 });
  });

  it('has no place while its connection is paused, and those of a paused one do not stand before others', async () => {
    const { direct } = world.core.database;
    const paused = await waiting();
    const before = await waiting();
    await direct.query(`update connections set state = 'paused' where id = $1`, [paused.connectionId]);
    await direct.query(`update operations set lane = $2 where id = $1`, [paused.id, before.lane]);
    await direct.query(`update connections set lane = $2 where id = $1`, [paused.connectionId, before.lane]);
    const last = { ...(await waiting()), lane: before.lane };
    const placeOf = async (operation: StoredOperation) =>
      (await operationView(world.core, direct, operation)).queue;
    expect(await placeOf({ ...paused, lane: before.lane })).toBeUndefined();
    expect(await placeOf(last)).toMatchObject({ position: 1 });
  });
});
