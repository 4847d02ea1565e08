import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommitInDoubt } from '#persistence';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { START_WITHIN_MS } from '../core/timeouts.js';
import type { Slot } from '../lanes/lanes.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { execute } from '../run/execute.js';

const saleOf = (merchantReference: string) => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference,
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
});

describe('a write whose lane has a free start', () => {
  let world: World;
  let shop: OpenConnection;
  const claims = () => vi.spyOn(world.core.stores.operations, 'claim');
  const sell = (reference: string, key?: string) =>
    world.write(purchaseKind, shop, { body: saleOf(reference), key });
  /** The lane has a start at hand, which stays good: how fast its store and this machine are is not what is shown. */
  const atHand = async () => {
    const slot = await world.core.lanes.enter(shop.lane, 'interactive', 20_000);
    vi.spyOn(world.core.lanes, 'enter').mockResolvedValueOnce(Object.assign(slot, { dueAt: Infinity }));
  };
  const stateOf = (id: string) => world.core.stores.operations.byId(world.core.database.direct, id);

  beforeAll(async () => {
    world = await startWorld({ sandbox: { only: ['uds'] } });
  });
  // A lane of its own; the first sale also reads the company's settings, which are shared from then on.
  beforeEach(async () => {
    shop = await world.connect('uds');
    await world.done(purchaseKind, shop, { body: saleOf('first') });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  it('is claimed by the statement that inserts it', async () => {
    await atHand();
    const claim = claims();
    const { status, operationId } = await sell('head-start');
    expect(status).toBe(201);
    expect(claim).not.toHaveBeenCalled();
    const { database, stores } = world.core;
    const timeline = await stores.operations.timeline(database.direct, world.tenantId, operationId!);
    expect(timeline.map(({ state, detail }) => [state, detail['outcome']])).toEqual([
      ['queued', 'not-executed'],
      ['dispatching', 'unknown'],
      ['succeeded', 'executed'],
    ]);
    expect(await stateOf(operationId!)).toMatchObject({ attempts: 1, fence: 1, writeSent: true });
  });

  const stops = ['its claim was stored', 'it was about to use its start'];
  it.each(stops)('is claimed anew, and not sent before, by a process that stood still as %s', async cause => {
    await atHand();
    const claim = claims();
    const { stores, breakers } = world.core;
    const really = performance.now.bind(performance);
    const stop = () =>
      void vi.spyOn(performance, 'now').mockImplementation(() => really() + START_WITHIN_MS + 500);
    const add = stores.operations.addClaimed.bind(stores.operations);
    vi.spyOn(stores.operations, 'addClaimed').mockImplementationOnce(async (...asked) => {
      const added = await add(...asked);
      if (cause === stops[0]) stop();
      return added;
    });
    if (cause === stops[1])
      vi.spyOn(breakers.of(shop.lane.fingerprint), 'begin').mockImplementationOnce(stop);
    expect(await sell('stopped')).toMatchObject({ status: 201 });
    expect(claim).toHaveBeenCalled();
  });

  it('waits in the queue where the lane is full', async () => {
    const claim = claims();
    const answers = await Promise.all(Array.from({ length: 7 }, (_, i) => sell(`full-${i}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 201));
    expect(claim.mock.calls.length).toBeGreaterThanOrEqual(2);
  });

  it('gives its start back when its key or reference is known already', async () => {
    await world.done(purchaseKind, shop, { body: saleOf('again'), key: 'one-key' });
    const { lanes } = world.core;
    const enter = lanes.enter.bind(lanes);
    const starts: Slot[] = [];
    vi.spyOn(lanes, 'enter').mockImplementation(async (...asked) => {
      const start = await enter(...asked);
      if (start.granted) starts.push(start);
      return start;
    });
    const giveBack = vi.spyOn(lanes, 'giveBack');
    for (let i = 0; i < 6; i++) {
      expect(await sell('again', 'one-key')).toMatchObject({ status: 201, replayed: true });
      expect(await sell('again')).toMatchObject({ status: 200 });
    }
    expect(starts.length).toBeGreaterThan(0);
    const kept = () => starts.filter(start => !giveBack.mock.calls.some(([given]) => given === start));
    await expect.poll(kept).toEqual([]);
  });

  it('goes back to the queue when its commit is in doubt, since nothing was sent', async () => {
    const before = (await world.effects('uds')).length;
    const { database } = world.core;
    const commit = database.transaction.bind(database);
    vi.spyOn(database, 'transaction').mockImplementationOnce(async work => {
      await commit(work);
      throw new CommitInDoubt(new Error('lost'));
    });
    await expect(sell('in-doubt', 'doubted')).rejects.toBeInstanceOf(CommitInDoubt);
    await world.core.background.drain(10_000);
    const [row] = await database.direct.query(
      `select id, state, write_sent as sent, first_sent_at as first, outcome from operations where merchant_reference = 'in-doubt'`,
    );
    expect(row).toMatchObject({ state: 'queued', sent: false, first: null, outcome: 'not-executed' });
    await execute(world.core, row.id, { laneBudgetMs: 20_000 });
    expect(await sell('in-doubt', 'doubted')).toMatchObject({ status: 201, operationId: row.id });
    expect((await world.effects('uds')).length).toBe(before + 1);
  });

  it('is queued when the lane does not answer', async () => {
    const claim = claims();
    const enter = vi
      .spyOn(world.core.lanes, 'enter')
      .mockImplementationOnce(() => Promise.reject(new Error('The lane store is silent.')));
    expect(await sell('silent')).toMatchObject({ status: 201 });
    expect(enter).toHaveBeenCalledTimes(2);
    expect(claim).toHaveBeenCalledTimes(1);
  });

  it('stands in the lane for what its acceptance has left of the wait', async () => {
    const enter = vi
      .spyOn(world.core.lanes, 'enter')
      .mockImplementationOnce(() => Promise.reject(new Error('The lane store is silent.')));
    const really = performance.now.bind(performance);
    const slowly = () => async () => {
      vi.spyOn(performance, 'now').mockImplementation(() => really() + 20_000);
    };
    const kind = { ...purchaseKind, readFirst: slowly };
    expect(await world.write(kind, shop, { body: saleOf('slow'), waitMs: 25_000 })).toMatchObject({
      status: 201,
    });
    expect(enter.mock.calls.at(-1)![2]).toBeLessThanOrEqual(5_000);
  });
});
