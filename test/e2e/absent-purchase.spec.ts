import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { probeNow, purchaseKind } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let offsetMs: number;
beforeEach(() => {
  offsetMs = 0;
});
beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['uds'] },
    now: () => new Date(Date.now() + offsetMs),
  });
});
afterAll(() => world.close());

const anna = { type: 'phone', value: '+79031234567' };
const withCode = { type: 'code', value: '123456' };
const rub = (amount: string) => ({ amount, currency: 'RUB' });
// Redeems more points than UDS allows for this sum: it refuses the repeat.
const unaffordable = { total: rub('1000.00'), redeemPoints: '999' };

/** A new connection to UDS, and a sale whose request is cut off before UDS reads it; `stand` reads the operation. */
async function loseSale(merchantReference: string, sale: { identifier: object; receipt: object }) {
  const { core } = world;
  const uds = await world.connect('uds');
  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'reset-before-reading', count: 1 });
  const { operationId } = await world.attempt(purchaseKind, uds, { body: { ...sale, merchantReference } });
  const id = operationId!;
  return { uds, id, stand: async () => (await core.stores.operations.byId(core.database.direct, id))! };
}

it('is settled as not executed by the refusal of its repeat, after the settle time', async () => {
  const { core, tenantId } = world;
  const sale = { identifier: withCode, receipt: unaffordable };
  const { id, stand } = await loseSale('never-happened', sale);
  await expect.poll(async () => (await stand()).state).toBe('unknown');

  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 1 });
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 1 });

  offsetMs = 61_000;
  await probeNow(core, tenantId, id);
  const ended = await stand();
  expect(ended).toMatchObject({ state: 'rejected', outcome: 'not-executed', evidence: 'strong', ask: null });
  expect(ended.problem).toMatchObject({ status: 422, outcome: 'not-executed', provider: { name: 'uds' } });
  expect(['insufficient-points', 'redeem-limit-exceeded']).toContain(ended.problem!['code']);
  expect(await world.effects('uds')).toEqual([]);
});

it.each([
  ['before', 0],
  ['after', 61_000],
])('is not sent again while paused: two looks settle it, the first %s a minute', async (when, firstMs) => {
  const { core, tenantId } = world;
  const sales = async () =>
    (await world.journal('uds')).filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/operations'),
    ).length;
  const before = await sales();
  const sale = { identifier: anna, receipt: { total: rub('100.00') } };
  const { uds, id, stand } = await loseSale(`paused-${when}`, sale);
  expect((await stand()).state).toBe('unknown');
  await core.stores.connections.update(core.database.direct, uds.id, { state: 'paused' });

  offsetMs = firstMs;
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 0 });
  offsetMs = 61_000;
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'rejected', outcome: 'not-executed', evidence: 'strong' });
  expect(await sales()).toBe(before + 1);
});

it('is not settled by the look that sends it again, but a minute after that', async () => {
  const { core, tenantId } = world;
  const sale = { identifier: withCode, receipt: unaffordable };
  const { uds, id, stand } = await loseSale('resumed', sale);
  const setState = (state: 'paused' | 'callable') =>
    core.stores.connections.update(core.database.direct, uds.id, { state });
  const aMinuteLater = () =>
    core.database.direct.query(
      `update operations set first_sent_at = first_sent_at - interval '61 s', last_sent_at = last_sent_at - interval '61 s' where id = $1`,
      [id],
    );
  await setState('paused');
  await probeNow(core, tenantId, id);
  await setState('callable');
  await aMinuteLater();
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 1, reconcile: { absents: 2 } });
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 1 });
  await aMinuteLater();
  await probeNow(core, tenantId, id);
  expect(await stand()).toMatchObject({ state: 'rejected', outcome: 'not-executed', evidence: 'strong' });
});

it('is looked up again soon where its ledger could not be read, not five minutes after it was sent', async () => {
  const { core, tenantId } = world;
  const sale = { identifier: withCode, receipt: unaffordable };
  const { id, stand } = await loseSale('unread-ledger', sale);
  // The steps before the settle time is over.
  for (let look = 1; look <= 3; look++) await probeNow(core, tenantId, id);
  offsetMs = 61_000;
  await world.control('faults', { provider: 'uds', method: 'GET', fault: '500-without-commit', count: 1 });
  await probeNow(core, tenantId, id);

  const { lastSentAt, wakeAt } = await stand();
  expect(await stand()).toMatchObject({ state: 'unknown', repeats: 1, reconcile: { tries: 4 } });
  expect(wakeAt!.getTime() - lastSentAt!.getTime()).toBeLessThan(150_000);
});
