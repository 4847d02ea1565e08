import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Claim, StoredOperation } from '#persistence';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { adjustmentKind } from '../kinds/adjustment.kind.js';
import { sweep } from '../jobs/sweep.js';
import { operationView } from '../intake/operation-view.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { unblock } from './blocked.js';
import { execute } from './execute.js';

describe('a write behind an open one of its customer, which it may not run beside', () => {
  let world: World;
  let shop: OpenConnection;
  let params: { customerId: string };
  let opened: string;
  const direct = () => world.core.database.direct;
  const adjust = (currency: string, waitMs: number) =>
    world.write(adjustmentKind, shop, { body: { delta: { amount: '5.00', currency } }, params, waitMs });
  const stored = async (id: string) => (await world.core.stores.operations.byId(direct(), id))!;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['recreativ'] } });
    shop = await world.connect('recreativ');
    const owner = { tenantId: world.tenantId, connectionId: shop.id };
    params = { customerId: await world.core.stores.customers.upsert(direct(), owner, { userId: '1' }) };
    opened = (await adjust('RUB', 0)).operationId!;
    await direct().query(`update operations set state = 'unknown', write_sent = true where id = $1`, [
      opened,
    ]);
  });
  afterAll(() => world.close());

  it('is refused at once where that takes no call', async () => {
    const answer = await adjust('USD', 3_000);
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(await stored(answer.operationId!)).toMatchObject({ state: 'cancelled', outcome: 'not-executed' });
  });

  it.each(['unknown', 'queued'])('waits, and is not tried again and again, while that is %s', async open => {
    await direct().query(`update operations set state = $2 where id = $1`, [opened, open]);
    const { operationId: id } = await adjust('RUB', 0);
    await execute(world.core, id!, { laneBudgetMs: 1_000 });
    const { state, wakeAt, writeSent } = await stored(id!);
    expect({ state, writeSent }).toEqual({ state: 'queued', writeSent: false });
    expect(wakeAt!.getTime()).toBeGreaterThan(world.core.now().getTime());
  });

  it('says once in its timeline what it waits for: the one that was sent, or the one before it', async () => {
    await direct().query(`update operations set state = 'unknown' where id = $1`, [opened]);
    const { turns, operations } = world.core.stores;
    const { operationId: id } = await adjust('RUB', 0);
    for (let tries = 0; tries < 2; tries++) await execute(world.core, id!, { laneBudgetMs: 1_000 });
    const lines = await operations.timeline(direct(), world.tenantId, id!);
    expect(lines.map(({ state, detail }) => [state, detail['note']])).toEqual([
      ['queued', undefined],
      ['queued', `waits for operation ${opened} to end first`],
    ]);
    expect(await turns.ahead(direct(), id!)).toEqual({ id: opened, open: true });
    const { serialKey } = await stored(opened);
    await direct().query(`update operations set serial_key = null where id = $1`, [opened]);
    const [oldest] = await direct().query(
      `select id from operations where serial_key = $1 and state = 'queued' order by created_at, id limit 1`,
      [serialKey],
    );
    expect(await turns.ahead(direct(), id!)).toEqual({ id: oldest.id, open: false });
    expect(await turns.ahead(direct(), oldest.id)).toBeUndefined();
    await direct().query(`update operations set serial_key = $2 where id = $1`, [opened, serialKey]);
  });

  it('takes no start of the lane while another one is queued before it', async () => {
    await adjust('RUB', 0);
    const { operationId: id } = await adjust('RUB', 0);
    const enter = vi.spyOn(world.core.lanes, 'enter');
    await execute(world.core, id!, { laneBudgetMs: 4_000 });
    expect(enter).not.toHaveBeenCalled();
    enter.mockRestore();
    const { wakeAt } = await stored(id!);
    expect(wakeAt!.getTime()).toBeGreaterThan(world.core.now().getTime());
  });

  it('is tried less and less often, and leaves no job behind at each try', async () => {
    const { operationId: id } = await adjust('RUB', 0);
    await direct().query(`update operations set created_at = now() - interval '2 minutes' where id = $1`, [
      id,
    ]);
    const jobs = vi.spyOn(world.core.jobs, 'operation');
    await execute(world.core, id!, { laneBudgetMs: 4_000 });
    const { wakeAt } = await stored(id!);
    expect(wakeAt!.getTime() - world.core.now().getTime()).toBeGreaterThan(20_000);
    expect(jobs).not.toHaveBeenCalled();
    jobs.mockRestore();
  });

  it('is tried soon again while that is just being sent, however old it is itself', async () => {
    await direct().query(`update operations set state = 'dispatching' where id = $1`, [opened]);
    const { operationId: id } = await adjust('RUB', 0);
    await direct().query(`update operations set created_at = now() - interval '2 minutes' where id = $1`, [
      id,
    ]);
    await execute(world.core, id!, { laneBudgetMs: 4_000 });
    const { wakeAt } = await stored(id!);
    expect(wakeAt!.getTime() - world.core.now().getTime()).toBeLessThan(2_500);
    await direct().query(`update operations set state = 'unknown' where id = $1`, [opened]);
  });

  it('has no place in the queue: nobody knows when it may start', async () => {
    await direct().query(`update operations set state = 'unknown' where id = $1`, [opened]);
    const behind = await stored((await adjust('RUB', 0)).operationId!);
    const shown = async (one: StoredOperation) => operationView(world.core, direct(), one);
    expect(await shown(behind)).not.toHaveProperty('queue');
    await direct().query(`update operations set state = 'dispatching' where id = $1`, [opened]);
    expect(await shown(behind)).toHaveProperty('queue');
  });
});

describe('a spend that may have been sent before, behind another open spend of its customer', () => {
  let world: World;
  const direct = () => world.core.database.direct;
  const stored = async (id: string) => (await world.core.stores.operations.byId(direct(), id))!;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  });
  afterAll(() => world.close());

  const spendOf = (merchantReference: string) => ({
    identifier: { type: 'code', value: '123456' },
    merchantReference,
    receipt: { total: { amount: '10.00', currency: 'RUB' }, redeemPoints: '1' },
  });

  it.each(['before', 'after'])('is not told that nothing was sent, %s it was claimed', async when => {
    const shop = await world.connect('uds');
    const queued = async (reference: string) =>
      (await world.write(purchaseKind, shop, { body: spendOf(reference), waitMs: 0 })).operationId!;
    const [open, doubted] = [await queued('open'), await queued('doubted')];
    await direct().query(`update operations set state = 'needs-review' where id = $1`, [open]);
    await direct().query(
      // Its customer was identified only by a step of a later attempt.
      `update operations set write_sent = true, outcome = 'unknown', first_sent_at = now(), last_sent_at = now(), customer_lock = 'another' where id = $1`,
      [doubted],
    );
    const operation = await stored(doubted);
    let claim: Claim | null = null;
    if (when === 'after') {
      const { owner } = world.core;
      const answer = await world.core.stores.operations.claim(direct(), operation, {
        owner,
        leaseMs: 60_000,
      });
      claim = (answer as { claim: Claim }).claim;
    }
    const again = () => Promise.reject(new Error('It is not to be tried again now.'));
    const { customerLock: lock } = await stored(open);
    const blocked = { operation, claim, connection: shop, lock, waitMs: 1_000 };
    await unblock(world.core, blocked, again);
    const { state, outcome, wakeAt } = await stored(doubted);
    expect([state, outcome]).toEqual(['queued', 'unknown']);
    expect(wakeAt!.getTime()).toBeGreaterThan(world.core.now().getTime());
    const lines = await world.core.stores.operations.timeline(direct(), world.tenantId, doubted);
    expect(lines.at(-1)!.detail).toEqual({ note: `waits for another spend of this customer: ${open}` });
  });

  it.each([
    ['dispatching', 'is still running'],
    ['queued', 'was put off by the provider and is to be sent again'],
    ['unknown', 'has an unknown outcome'],
  ])('leaves a new one refused beside one that is %s: it %s', async (state, words) => {
    const shop = await world.connect('uds');
    const queued = async (reference: string) =>
      (await world.write(purchaseKind, shop, { body: spendOf(reference), waitMs: 0 })).operationId!;
    const [open, late] = [await queued('open'), await queued('late')];
    await direct().query(
      `update operations set state = $2, write_sent = true, outcome = 'unknown', customer_lock = 'theirs' where id = $1`,
      [open, state],
    );
    const operation = await stored(late);
    const again = () => Promise.reject(new Error('It is not to be tried again now.'));
    await unblock(world.core, { operation, claim: null, connection: shop, lock: 'theirs', waitMs: 0 }, again);
    const { state: end, problem } = await stored(late);
    expect(end).toBe('cancelled');
    expect(problem).toMatchObject({ code: 'customer-operation-unresolved', operationId: open });
    expect(problem!.detail).toContain(`(${open}) ${words}`);
  });
});

describe('a write at which this process breaks', () => {
  let world: World;
  let shop: OpenConnection;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    shop = await world.connect('uds');
    // From here on the lane is free and the settings are known: a sale is claimed as it is accepted.
    expect(await sell('sound', 10_000)).toMatchObject({ status: 201 });
  });
  afterAll(() => world.close());

  const sell = (merchantReference: string, waitMs: number) => {
    const receipt = { total: { amount: '10.00', currency: 'RUB' } };
    const body = { identifier: { type: 'code', value: '123456' }, merchantReference, receipt };
    return world.write(purchaseKind, shop, { body, waitMs });
  };
  const stored = (id: string) => world.core.stores.operations.byId(world.core.database.direct, id);

  it('before its request is sent goes back to the queue at once, as one that was not sent', async () => {
    const broken = vi.spyOn(shop.adapter, 'authenticate').mockImplementation(() => {
      throw new TypeError('An adapter with a fault.');
    });
    // A start at hand, which no busy machine is too late for.
    const { lanes } = world.core;
    const slot = await lanes.enter(shop.lane, 'interactive', 20_000);
    vi.spyOn(lanes, 'enter').mockResolvedValueOnce(Object.assign(slot, { dueAt: Infinity }));
    const { operationId } = await sell('broken', 100);
    const unsent = { state: 'queued', outcome: 'not-executed', writeSent: false, fence: 1 };
    await expect.poll(() => stored(operationId!)).toMatchObject(unsent);
    broken.mockRestore();
  });

  it('after its request left is never queued again, and is in doubt when its lease ends', async () => {
    const { send } = world.core.send;
    const broken = vi.spyOn(world.core.send, 'send').mockImplementation(async outgoing => {
      const sent = await send.call(world.core.send, outgoing);
      if (outgoing.method === 'POST') throw new TypeError('A fault of ours.');
      return sent;
    });
    const id = (await sell('answered', 0)).operationId!;
    await expect(execute(world.core, id, { laneBudgetMs: 20_000 })).rejects.toThrow('A fault of ours.');
    broken.mockRestore();
    expect(await stored(id)).toMatchObject({ state: 'dispatching', outcome: 'unknown', writeSent: true });
    await world.core.database.direct.query(
      `update operations set lease_until = now() - interval '1 s', wake_at = now() - interval '1 s' where id = $1`,
      [id],
    );
    await sweep(world.core);
    expect(await stored(id)).toMatchObject({ state: 'unknown', writeSent: true });
  });
});
