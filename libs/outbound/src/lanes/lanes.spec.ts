import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type LaneWorld,
  muteServer,
  postgresWorld,
  redisWorld,
} from '../../../../test/support/lane-worlds.js';
import { type Lane, type LaneClass, type Lanes, LaneStoreDown, type Slot } from './lanes.js';

// A window that no test outlives: what is full stays full, however slow the machine is.
const LONG = 30_000;

describe.each([
  ['Redis', redisWorld],
  ['Postgres', postgresWorld],
])('lanes in %s', (_, create) => {
  let world: LaneWorld;
  let open: Lanes[];
  let lanes: Lanes;

  beforeAll(async () => {
    world = await create();
  });
  beforeEach(async () => {
    open = [];
    lanes = limiter();
    await world.settle();
  });
  afterEach(() => Promise.all(open.map(each => each.close())));
  afterAll(() => world.close());

  function limiter(): Lanes {
    const made = world.limiter();
    open.push(made);
    return made;
  }

  function lane(perMs: number, requests = 5): Lane {
    return { fingerprint: randomUUID(), requests, perMs };
  }

  async function start(where: Lane, cls: LaneClass = 'interactive', budgetMs = 20_000): Promise<Slot> {
    const slot = await lanes.enter(where, cls, budgetMs);
    if (!slot.granted) throw new Error(`refused for ${slot.retryAfterMs} ms`);
    return slot;
  }

  async function refusal(where: Lane, cls: LaneClass = 'interactive', budgetMs = 0): Promise<number> {
    const slot = await lanes.enter(where, cls, budgetMs);
    if (slot.granted) throw new Error('granted');
    return slot.retryAfterMs;
  }

  async function fill(where: Lane, starts = where.requests): Promise<Slot[]> {
    const slots: Slot[] = [];
    while (slots.length < starts) slots.push(await start(where));
    return slots;
  }

  /** The shortest time in which one start more than the limit lies, in microseconds of the store's clock. */
  function tightest(stamps: number[], limit = 5): number {
    const sorted = stamps.toSorted((a, b) => a - b);
    return Math.min(...sorted.slice(limit).map((stamp, i) => stamp - sorted[i]!));
  }

  it('let no more starts into any sliding window than the limit, whoever asks from wherever', async () => {
    const shared = lane(200);
    const limiters = [lanes, limiter()];
    const classes: LaneClass[] = ['interactive', 'write', 'reconcile', 'bulk'];
    const callers = Array.from({ length: 40 }, (__, i) =>
      limiters[i % 2]!.enter(shared, classes[(i >> 1) % 4]!, 30_000),
    );
    const answers = await Promise.all(callers);
    const stamps = answers.map(answer => (answer.granted ? answer.stamp : Number.NaN));
    expect(tightest(stamps)).toBeGreaterThanOrEqual(208_000);
  });

  it('let interactive callers start at once and together while the lane has room', async () => {
    const slots = await fill(lane(LONG));
    expect(slots.map(slot => slot.granted)).toEqual([true, true, true, true, true]);
  });

  it('refuse with the time at which the oldest start leaves the window, and reserve nothing', async () => {
    const full = lane(LONG);
    await fill(full);
    const first = await refusal(full);
    expect(first).toBeGreaterThan(LONG / 2);
    expect(first).toBeLessThanOrEqual(LONG + 8 + 3);
    expect(await refusal(full)).toBeLessThanOrEqual(first);
  });

  it('are one for all limiters', async () => {
    const shared = lane(LONG);
    await fill(shared);
    lanes = limiter();
    expect(await refusal(shared, 'bulk')).toBeGreaterThan(LONG / 2);
  });

  it('reserve ahead for an interactive caller and never send it early', async () => {
    const busy = lane(200);
    const slots = await fill(busy);
    const reserved = await start(busy);
    expect(performance.now()).toBeGreaterThanOrEqual(reserved.dueAt);
    expect(reserved.stamp).toBeGreaterThanOrEqual(slots[0]!.stamp + 208_000);
  });

  it('serve an interactive caller before a write, that before a question, that before bulk', async () => {
    const narrow = lane(500, 1);
    await start(narrow);
    const waiting = (['bulk', 'reconcile', 'write', 'interactive'] as const).map(async cls => {
      const { stamp } = await start(narrow, cls);
      return { cls, stamp };
    });
    const order = (await Promise.all(waiting)).toSorted((a, b) => a.stamp - b.stamp).map(({ cls }) => cls);
    expect(order).toEqual(['interactive', 'write', 'reconcile', 'bulk']);
  });

  it('pace bulk, and give it every slot of a lane without interactive callers', async () => {
    const quiet = lane(LONG);
    for (let i = 0; i < 4; i++) await start(quiet, 'write');
    expect(await refusal(quiet, 'bulk')).toBeLessThanOrEqual(LONG / 5);
  });

  it('keep one slot free of bulk where an interactive caller was seen', async () => {
    const seen = lane(LONG);
    await fill(seen, 4);
    expect(await refusal(seen, 'bulk')).toBeGreaterThan(LONG / 2);
    await start(seen, 'interactive', 0);
  });

  it('serve bulk even while interactive callers want every slot', async () => {
    const wanted = lane(200);
    let bulkServed = false;
    let refused = 0;
    const callers = Array.from({ length: 12 }, async () => {
      while (!bulkServed) refused += (await lanes.enter(wanted, 'interactive', 300)).granted ? 0 : 1;
    });
    for (let i = 0; i < 3; i++) await start(wanted, 'bulk');
    bulkServed = true;
    await Promise.all(callers);
    expect(refused).toBeGreaterThan(0);
  });

  it('serve the callers of one class in the order in which they came, one question at a time', async () => {
    const line = lane(200);
    await start(line, 'bulk');
    const before = await world.questions();
    const crowd = Array.from({ length: 300 }, () => lanes.enter(line, 'bulk', 1_000));
    const stamps = (await Promise.all(crowd)).map(answer => (answer.granted ? answer.stamp : Infinity));
    const served = stamps.filter(Number.isFinite);
    expect(served.length).toBeGreaterThan(0);
    expect(stamps).toEqual([
      ...served.toSorted((a, b) => a - b),
      ...stamps.filter(stamp => stamp === Infinity),
    ]);
    expect((await world.questions()) - before).toBeLessThanOrEqual(3 * served.length + 5);
  });

  it('tell a caller of a line whose time is over when to come back', async () => {
    const full = lane(LONG);
    await fill(full);
    const both = await Promise.all([refusal(full, 'bulk', 0), refusal(full, 'bulk', 0)]);
    for (const retryAfterMs of both) expect(retryAfterMs).toBeGreaterThan(LONG / 2);
  });

  it('hold a paused lane, for a minute at most', async () => {
    const told = lane(200);
    await lanes.pause(told, 3_600_000);
    const hold = await refusal(told);
    expect(hold).toBeGreaterThan(30_000);
    expect(hold).toBeLessThanOrEqual(60_000);
    const [use] = await lanes.use([told]);
    expect(use).toMatchObject({ fingerprint: told.fingerprint, slotsUsed: 0 });
    expect(use!.pausedMs).toBeGreaterThan(30_000);
  });

  it('keep a wider window after a 429', async () => {
    const told = lane(200);
    await lanes.pause(told, 0);
    const stamps = (await fill(told, 6)).map(slot => slot.stamp);
    expect(tightest(stamps)).toBeGreaterThanOrEqual(216_000);
  });

  it('widen the window once for all calls that were refused together', async () => {
    const told = lane(LONG, 1);
    await Promise.all(Array.from({ length: 5 }, () => lanes.pause(told, Number.NaN)));
    await start(told);
    expect(await refusal(told)).toBeLessThanOrEqual(LONG + 16 + 3);
  });

  it('count the starts of the last window', async () => {
    const used = lane(LONG);
    await fill(used, 3);
    const untouched = lane(LONG);
    expect(await lanes.use([untouched, used])).toEqual([
      { fingerprint: untouched.fingerprint, slotsUsed: 0, pausedMs: 0 },
      { fingerprint: used.fingerprint, slotsUsed: 3, pausedMs: 0 },
    ]);
  });

  it('move the stamp of a start that was sent late', async () => {
    const late = lane(LONG, 1);
    const slot = await start(late);
    lanes.left(slot, slot.dueAt + 20_000);
    await expect.poll(() => refusal(late)).toBeGreaterThan(LONG + 8 + 3);
  });

  it('enter a late start anew when the store has forgotten its stamp', async () => {
    const late = lane(LONG, 1);
    const slot = await start(late);
    await world.forget();
    await world.settle();
    lanes.left(slot, slot.dueAt + 20_000);
    await expect.poll(async () => (await lanes.use([late]))[0]!.slotsUsed).toBe(1);
    expect(await refusal(late)).toBeGreaterThan(LONG + 8 + 3);
  });

  it('are held for one window when the store comes back empty', async () => {
    const known = lane(LONG);
    await start(known);
    await world.forget();
    const hold = await refusal(known);
    expect(hold).toBeGreaterThan(LONG / 2);
    expect(hold).toBeLessThanOrEqual(LONG + 8);
  });

  it('are held for one window when the store was restarted with an older memory', async () => {
    const known = lane(LONG);
    await start(known);
    await world.restart();
    const hold = await refusal(known);
    expect(hold).toBeGreaterThan(LONG / 2);
    expect(hold).toBeLessThanOrEqual(LONG + 8);
  });

  it('leave nothing in the store once idle', async () => {
    const idle = lane(200);
    await start(idle, 'write');
    expect(await world.keptFor(idle.fingerprint)).toBeLessThanOrEqual(200 + 8 + 3 + 1_000);
    await expect.poll(() => world.keptFor(idle.fingerprint), { timeout: 30_000 }).toBeUndefined();
  });

  it('grant nothing when the store does not answer, to nobody in the line', async () => {
    const mute = await muteServer();
    const cut = world.limiterAt(mute.port);
    const somewhere = lane(200);
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
    await cut.close();
    await mute.close();
  });

  it('let go of everybody who waits when they close', async () => {
    const full = lane(LONG);
    await fill(full);
    const waiting = [lanes.enter(full, 'interactive', 2 * LONG), lanes.enter(full, 'bulk', 2 * LONG)];
    await expect.poll(async () => (await lanes.use([full]))[0]!.slotsUsed).toBe(5);
    const outcomes = Promise.allSettled(waiting);
    await lanes.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LaneStoreDown) });
    }
  });
});
