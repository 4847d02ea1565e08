import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LaneCallers, LONG, stall, tightest, WIDEST_MS } from '../../../../test/support/lane-callers.js';
import { PATIENCE_MS, postgresWorld, redisWorld } from '../../../../test/support/lane-worlds.js';
import { openRelay } from '../../../../test/support/relay.js';
import { type LaneClass, LaneStoreDown, type Slot } from './lanes.js';
import { STALE_MS } from './lane-asker.js';
import { termsOf, UNSEEN_US } from './lane-rules.js';

describe.each([
  ['Redis', redisWorld],
  ['Postgres', postgresWorld],
])('lanes, when things go wrong, in %s', (_, create) => {
  const at = new LaneCallers(create);

  it('move the stamp of a start that was sent late', async () => {
    const late = at.lane(LONG, 1);
    const slot = await at.start(late);
    at.lanes.sent(slot, slot.dueAt + 20_000);
    await expect.poll(() => at.refusal(late)).toBeGreaterThan(LONG + 25 + 3);
  });

  it('put a start off that lies ahead when those before it were sent late', async () => {
    const store = at.closing(at.world.store());
    // On a slow machine the first start ahead may be used before the others are known to be late: that shows nothing.
    for (let inTime = false; !inTime;) {
      const crowded = at.lane(2_000);
      const early = await at.fill(crowded);
      const ahead: Promise<Slot>[] = [];
      while (ahead.length < 10) ahead.push((await reserved(() => at.start(crowded))).start);
      const late = early.map(({ stamp }) => stamp + 200_000);
      for (const [i, { stamp }] of early.entries()) await store.move(crowded, stamp, late[i]!);
      inTime = performance.now() < early[0]!.dueAt + 1_800;
      const next = (await Promise.all(ahead)).map(({ stamp }) => stamp);
      if (inTime) expect(tightest([...late, ...next])).toBeGreaterThanOrEqual(2_008_000);
    }
  });

  it('refuse a caller whose start is put off beyond the time that he waits', async () => {
    const narrow = at.lane(3_000, 1);
    const slot = await at.start(narrow);
    const waiting = await reserved(() => at.refusal(narrow, 'interactive', 3_200));
    at.lanes.sent(slot, slot.dueAt + 800);
    expect(await waiting.start).toBeGreaterThan(0);
  });

  it('enter a late start anew when the store has forgotten its stamp', async () => {
    const late = at.lane(LONG, 1);
    const slot = await at.start(late);
    await at.world.forget();
    await at.world.settle();
    at.lanes.sent(slot, slot.dueAt + 20_000);
    await expect.poll(async () => (await at.lanes.use([late]))[0]!.slotsUsed).toBe(1);
    expect(await at.refusal(late)).toBeGreaterThan(LONG + 25 + 3);
  });

  it('are held for one window when the store comes back empty', async () => {
    const known = at.lane(LONG);
    await at.start(known);
    await at.world.forget();
    const hold = await at.refusal(known);
    expect(hold).toBeGreaterThan(LONG / 2);
    expect(hold).toBeLessThanOrEqual(LONG + WIDEST_MS + UNSEEN_US / 1_000);
  });

  it('have that window behind them where the store was looked at before anybody called', async () => {
    const known = at.lane(LONG);
    await at.world.forget();
    await at.lanes.begin();
    stall(300);
    expect(await at.refusal(known)).toBeLessThanOrEqual(LONG + WIDEST_MS + UNSEEN_US / 1_000 - 300);
  });

  it('are held for one window when the store was restarted with an older memory', async () => {
    const known = at.lane(LONG);
    await at.start(known);
    await at.world.restart();
    const hold = await at.refusal(known);
    expect(hold).toBeGreaterThan(LONG / 2);
    expect(hold).toBeLessThanOrEqual(LONG + WIDEST_MS + UNSEEN_US / 1_000);
  });

  it('take back the starts that lie ahead when the store forgets them', async () => {
    const narrow = at.lane(3_000, 1);
    const first = await at.start(narrow);
    const waiting = await reserved(() => at.start(narrow));
    await at.world.forget();
    at.lanes = at.closing(at.world.limiter());
    const newcomer = await at.start(narrow);
    const stamps = [first, await waiting.start, newcomer].map(({ stamp }) => stamp);
    expect(tightest(stamps, 1)).toBeGreaterThanOrEqual(3_008_000);
  });

  it.each<LaneClass>(['interactive', 'write'])(
    'go on from where they are when the clock of the store is set back, for class %s',
    async cls => {
      const [full, quick] = [at.lane(LONG), at.lane(300)];
      await at.fill(full);
      await at.fill(quick);
      await at.world.setBack(100 * LONG);
      expect(await at.refusal(full, cls)).toBeGreaterThan(LONG / 2);
      expect(await at.refusal(full, cls)).toBeLessThanOrEqual(LONG + WIDEST_MS + UNSEEN_US / 1_000);
      await at.start(quick, cls);
    },
  );

  it('go on when the clock is set back to before the store was known', async () => {
    const narrow = at.lane(300);
    await at.world.forget();
    await at.lanes.begin();
    await at.world.setBack(100 * LONG);
    await at.start(narrow);
  });

  it('give starts that lie ahead anew when the clock of the store is set back', async () => {
    const narrow = at.lane(3_000, 1);
    const first = await at.start(narrow);
    const waiting = await reserved(() => at.start(narrow));
    await at.world.setBack(100 * LONG);
    expect((await waiting.start).dueAt - first.dueAt).toBeGreaterThanOrEqual(3_000);
  });

  it('are not held by a start that was sent late while the clock of the store was set back', async () => {
    const store = at.closing(at.world.store());
    const late = at.lane(LONG, 1);
    const ask = () => store.ask(late.fingerprint, termsOf(late, 'interactive', 200 * LONG));
    const { stamp } = await ask();
    await at.world.setBack(100 * LONG);
    await store.move(late, stamp, stamp + 20_000);
    expect((await ask()).waitUs).toBeLessThanOrEqual(4 * LONG * 1_000);
  });

  it('take back the starts that lie ahead when the provider asks for a pause', async () => {
    const narrow = at.lane(3_000, 1);
    await at.start(narrow);
    const waiting = await reserved(() => at.refusal(narrow, 'interactive', 10_000));
    await at.lanes.pause(narrow, 60_000);
    expect(await waiting.start).toBeGreaterThan(30_000);
  });

  it('leave nothing in the store once idle', async () => {
    const idle = at.lane(200);
    await at.start(idle, 'write');
    expect((await at.world.keptFor(idle.fingerprint)) ?? 0).toBeLessThanOrEqual(200 + WIDEST_MS + 3 + 1_000);
    await expect.poll(() => at.world.keptFor(idle.fingerprint)).toBeUndefined();
  });

  it('grant nothing when the store does not answer, to nobody in the line', async () => {
    const relay = at.closing(await openRelay(at.world.port));
    const cut = at.closing(at.world.limiterAt(relay.port));
    relay.slow(Infinity);
    const somewhere = at.lane(200);
    const outcomes = await Promise.allSettled([
      cut.enter(somewhere, 'interactive', 5_000),
      cut.enter(somewhere, 'bulk', 5_000),
      cut.enter(somewhere, 'bulk', 5_000),
      cut.pause(somewhere, 1),
      cut.use([somewhere]),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LaneStoreDown) });
    }
  });

  it('keep nobody who only glances at them waiting for a store that does not answer', async () => {
    const relay = at.closing(await openRelay(at.world.port));
    const silent = at.closing(at.world.limiterAt(relay.port, 1_000 * PATIENCE_MS));
    relay.slow(Infinity);
    await expect(silent.use([at.lane(200)], 1)).rejects.toThrow(LaneStoreDown);
  });

  it('take an answer that had come while the process was busy', async () => {
    const here = at.closing(at.world.limiterAt(at.world.port, 900));
    const free = at.lane(LONG);
    await here.use([free]);
    const asking = here.enter(free, 'interactive', 10_000);
    // The question leaves in this turn; its answer then waits in the socket for a process that does not look.
    await nextTurn();
    stall(1_000);
    expect(await asking).toMatchObject({ granted: true });
  });

  it.each([
    ['that was away', true],
    ['whose connection died without a word', false],
  ])('find a store again %s', async (_how, isCut) => {
    const relay = at.closing(await openRelay(at.world.port));
    const away = at.closing(at.world.limiterAt(relay.port));
    relay.slow(Infinity);
    await expect(away.enter(at.lane(200), 'bulk', 5_000)).rejects.toThrow(LaneStoreDown);
    relay.slow(0);
    if (isCut) relay.cut();
    const back = () => away.enter(at.lane(200), 'bulk', 5_000).catch(() => undefined);
    await expect.poll(back).toMatchObject({ granted: true });
  });

  it('give a start back whose answer came too late to be used, and ask again', async () => {
    const relay = at.closing(await openRelay(at.world.port));
    const far = at.closing(at.world.limiterAt(relay.port, PATIENCE_MS));
    const single = at.lane(LONG, 1);
    await far.use([single]);
    relay.slow(80);
    const asking = far.enter(single, 'interactive', 10_000);
    await expect.poll(() => relay.slowed()).toBeGreaterThan(0);
    relay.slow(0);
    expect(await asking).toMatchObject({ granted: true });
  });

  it('reserve nothing for a caller who gave up while the store stood still', async () => {
    const relay = at.closing(await openRelay(at.world.port));
    const held = at.closing(at.world.limiterAt(relay.port));
    // A store that has never answered in time has no known clock.
    const known = () => held.enter(at.lane(200), 'interactive', 5_000).catch(() => undefined);
    await expect.poll(known).toMatchObject({ granted: true });
    const narrow = at.lane(LONG, 1);
    relay.hold(true);
    await expect(held.enter(narrow, 'interactive', LONG)).rejects.toThrow(LaneStoreDown);
    stall(2 * STALE_MS);
    relay.slow(1);
    relay.hold(false);
    await expect.poll(() => relay.slowed()).toBeGreaterThan(0);
    await at.start(narrow, 'interactive', 0);
  });

  it('call a store down whose answers always come too late to be used', async () => {
    const relay = at.closing(await openRelay(at.world.port));
    const far = at.closing(at.world.limiterAt(relay.port));
    relay.slow(80);
    await expect(far.enter(at.lane(LONG), 'interactive', 100)).rejects.toThrow(LaneStoreDown);
  });

  it('ask again when the process slept past the slot', async () => {
    const narrow = at.lane(3_000, 1);
    const first = await at.start(narrow);
    const { start: starting } = await reserved(() => at.start(narrow));
    stall(first.dueAt + 3_200 - performance.now());
    expect((await starting).stamp - first.stamp).toBeGreaterThan(3_100_000);
  });

  /** Begins to wait for a start that lies ahead; returns once the store has answered. */
  async function reserved<T>(enter: () => Promise<T>): Promise<{ start: Promise<T> }> {
    const before = await at.world.questions();
    const start = enter();
    await expect.poll(() => at.world.questions(), { interval: 5 }).toBeGreaterThan(before);
    return { start };
  }

  it('let go of everybody who waits when they close', async () => {
    const full = at.lane(LONG);
    await at.fill(full);
    const waiting = [at.lanes.enter(full, 'interactive', 2 * LONG), at.lanes.enter(full, 'bulk', 2 * LONG)];
    await expect.poll(async () => (await at.lanes.use([full]))[0]!.slotsUsed).toBe(5);
    const outcomes = Promise.allSettled(waiting);
    await at.lanes.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LaneStoreDown) });
    }
  });
});
