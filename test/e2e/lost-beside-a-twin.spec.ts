import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Purchase } from '#canonical';
import { probeNow, purchaseKind, refundKind, resolveOperation } from '#outbound';
import type { Core, Kind, OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
});
afterAll(() => world.close());

it('does not get the effect of an equal sale sent during reconciliation', async () => {
  const uds = await world.connect('uds');
  const answers: Promise<unknown>[] = [];
  const sell = async (merchantReference: string, fault: string): Promise<string> => {
    await world.control('faults', { provider: 'uds', method: 'POST', fault, count: 1 });
    const body = {
      // Known before the sale: otherwise the repeat would decide at once.
      identifier: { type: 'uid', value: '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01' },
      merchantReference,
      receipt: { total: { amount: '100.00', currency: 'RUB' }, number: 'of-both' },
    };
    // No worker runs here, so the write itself must wait for its turn; it is not awaited.
    answers.push(world.write(purchaseKind, uds, { body }));
    const { operations } = world.core.stores;
    const here = () =>
      operations.byReference(world.core.database.direct, uds.id, 'createPurchase', merchantReference);
    await expect.poll(async () => (await here())?.state).toBe('unknown');
    return (await here())!.id;
  };
  const stand = async (id: string) =>
    (await world.core.stores.operations.byId(world.core.database.direct, id))!;

  const lost = await sell('never-booked', 'reset-before-reading');
  // The cashier repeats the sale just after the probe has asked for similar sales.
  let rungUp: string | undefined;
  const { twins } = world.core.stores;
  const ofPurchase: typeof twins.ofPurchase = async (...asked) => {
    const seen = await twins.ofPurchase(...asked);
    rungUp ??= await sell('booked', 'commit-then-reset');
    return seen;
  };
  const core: Core = {
    ...world.core,
    stores: { ...world.core.stores, twins: Object.assign(Object.create(twins), { ofPurchase }) },
  };
  await probeNow(core, world.tenantId, lost);

  expect(await world.effects('uds')).toMatchObject([{ type: 'purchase' }]);
  expect(await stand(lost)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  const { operations, database } = { ...world.core.stores, ...world.core };
  const timeline = await operations.timeline(database.direct, world.tenantId, lost);
  expect(timeline.at(-1)!.detail).toMatchObject({
    verdict: 'inconclusive',
    note: expect.stringContaining('another operation'),
  });

  // Their nonces distinguish the two in the end: each has its own effect.
  const settled = async (id: string) => {
    if ((await stand(id)).state === 'unknown') await probeNow(world.core, world.tenantId, id);
    return (await stand(id)).state;
  };
  for (const id of [rungUp!, lost]) await expect.poll(() => settled(id)).toBe('succeeded');
  await Promise.all(answers);
  const sales = await Promise.all(
    [lost, rungUp!].map(id => world.core.stores.purchases.byOperation(world.core.database.direct, id)),
  );
  expect(new Set(sales.map(sale => sale!.providerOperationId)).size).toBe(2);
  expect(await world.effects('uds')).toHaveLength(2);
});

it('does not get the effect of a sale over another connection with the same token', async () => {
  const [shop, other] = [await world.connect('uds'), await world.connect('uds')];
  const { direct } = world.core.database;
  await direct.query('update connections set lane = $2 where id = $1', [other.id, shop.lane.fingerprint]);
  // References are unique per connection only: both shops number their receipts from 1.
  const body = {
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference: '1',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const before = (await world.effects('uds')).length;
  expect(await world.write(purchaseKind, await world.reopen(other), { body })).toMatchObject({ status: 201 });

  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'reset-before-reading', count: 1 });
  const { operationId } = await world.attempt(purchaseKind, shop, { body });
  const { operations } = world.core.stores;
  expect((await operations.byId(direct, operationId!))!.state).toBe('unknown');
  await probeNow(world.core, world.tenantId, operationId!);

  expect(await operations.byId(direct, operationId!)).toMatchObject({ state: 'succeeded' });
  expect(await world.effects('uds')).toHaveLength(before + 2);
});

describe('beside an equal write without a number', () => {
  let uds: OpenConnection;
  beforeAll(async () => {
    uds = await world.connect('uds');
  });

  const rub = (amount: string) => ({ amount, currency: 'RUB' });
  const oleg = { identifier: { type: 'phone', value: '+79990000004' } };
  const fault = (name: string) =>
    world.control('faults', { provider: 'uds', method: 'POST', fault: name, count: 1 });
  const effects = async () => (await world.effects('uds')).length;
  const stand = (id: string) => world.core.stores.operations.byId(world.core.database.direct, id);

  /** A write whose answer is lost. */
  async function lost(kind: Kind, asked: { body: unknown; params?: Record<string, string> }, how: string) {
    await fault(how);
    const { operationId } = await world.attempt(kind, uds, asked);
    expect((await stand(operationId!))!.state).toBe('unknown');
    return operationId!;
  }

  /** What a person says, or that they have not said anything yet. */
  async function goesToPerson(id: string, outcome?: 'executed' | 'not-executed'): Promise<void> {
    const { core, tenantId } = world;
    await core.database.direct.query(
      `update operations set state = 'needs-review', wake_at = null where id = $1`,
      [id],
    );
    const person = { tenantId, actor: 'key_1', actorName: 'the chief' };
    if (outcome) await resolveOperation(core, person, id, { outcome, note: 'seen in the cabinet' });
  }

  it.each([
    ['is in review', undefined],
    ['a person settled as executed', 'executed'],
    ['a person settled as not executed', 'not-executed'],
  ] as const)(
    'a refund does not get the reversal of one that %s, and goes to a person as well',
    async (_, outcome) => {
      const sale = { ...oleg, merchantReference: `sale-${outcome}`, receipt: { total: rub('300.00') } };
      const sold = (await world.write(purchaseKind, uds, { body: sale })).body as Purchase;
      const giveBack = (nth: number, how: string) => {
        const body = { merchantReference: `refund-${outcome}-${nth}`, amount: rub('100.00') };
        return lost(refundKind, { body, params: { purchaseId: sold.id } }, how);
      };
      const before = await effects();
      await goesToPerson(await giveBack(1, 'commit-then-reset'), outcome);
      const id = await giveBack(2, 'reset-before-reading');
      await probeNow(world.core, world.tenantId, id);
      expect(await stand(id)).toMatchObject({ state: 'needs-review', outcome: 'unknown', evidence: 'weak' });
      expect(await effects()).toBe(before + 1);
    },
  );

  it('a sale does not get the operation of one that a person settled as executed: its repeat books its own', async () => {
    const sell = (merchantReference: string, how: string) => {
      const receipt = { total: rub('100.00'), number: 'counted-1' };
      return lost(purchaseKind, { body: { ...oleg, merchantReference, receipt } }, how);
    };
    const before = await effects();
    await goesToPerson(await sell('counted-first', 'commit-then-reset'), 'executed');
    const id = await sell('counted-again', 'reset-before-reading');
    await probeNow(world.core, world.tenantId, id);
    expect(await stand(id)).toMatchObject({ state: 'succeeded', evidence: 'proof' });
    expect(await effects()).toBe(before + 2);
  });

  it('nor that of one that was answered 429, may stand and is to be sent again', async () => {
    const sell = (merchantReference: string, how: string) => {
      const receipt = { total: rub('100.00'), number: 'throttled-1' };
      return lost(purchaseKind, { body: { ...oleg, merchantReference, receipt } }, how);
    };
    const before = await effects();
    const first = await sell('throttled-first', 'commit-then-reset');
    await world.core.database.direct.query(
      `update operations set state = 'queued', wake_at = null where id = $1`,
      [first],
    );
    const id = await sell('throttled-again', 'reset-before-reading');
    await probeNow(world.core, world.tenantId, id);
    expect(await stand(id)).toMatchObject({ state: 'succeeded', evidence: 'proof' });
    expect(await effects()).toBe(before + 2);
  });
});
