import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  isSorted,
  LaneCallers,
  LONG,
  punctually,
  stall,
  tightest,
  WIDEST_MS,
} from '../../../../test/support/lane-callers.js';
import { postgresWorld, redisWorld } from '../../../../test/support/lane-worlds.js';
import type { LaneStore } from './lane-store.js';
import type { Lane, LaneClass } from './lanes.js';
import { NEVER_US, termsOf } from './lane-rules.js';

describe.each([
  ['Redis', redisWorld],
  ['Postgres', postgresWorld],
])('lanes in %s', (_, create) => {
  const at = new LaneCallers(create);

  it('let no more starts into any sliding window than the limit, whoever asks from wherever', async () => {
    const shared = at.lane(200);
    const limiters = [at.lanes, at.closing(at.world.limiter())];
    const classes: LaneClass[] = ['interactive', 'write', 'reconcile', 'bulk'];
    const callers = Array.from({ length: 40 }, (__, i) =>
      limiters[i % 2]!.enter(shared, classes[(i >> 1) % 4]!, 30_000),
    );
    const answers = await Promise.all(callers);
    const stamps = answers.map(answer => (answer.granted ? answer.stamp : Number.NaN));
    expect(tightest(stamps)).toBeGreaterThanOrEqual(208_000);
  });

  it('keep the window in every order of callers, also when starts are given back unused or some chose a slower rate', async () => {
    const store = at.closing(at.world.store());
    const caller = fc.record({
      cls: fc.constantFrom<LaneClass[]>('interactive', 'write', 'reconcile', 'bulk'),
      budgetMs: fc.nat(10_000),
      givesBack: fc.boolean(),
      requests: fc.constantFrom(1, 2, 5),
    });
    const keeps = fc.asyncProperty(fc.array(caller, { minLength: 20, maxLength: 60 }), async callers => {
      const some = at.lane(1_000);
      let stamps: number[] = [];
      for (const { cls, budgetMs, givesBack, requests } of callers) {
        const unused = givesBack ? stamps.at(-1) : undefined;
        const reply = await store.ask(
          some.fingerprint,
          termsOf({ ...some, requests, most: 5 }, cls, budgetMs, unused),
        );
        stamps = stamps.filter(stamp => stamp !== unused);
        if (reply.granted) stamps.push(reply.stamp);
      }
      expect(tightest(await looked(store, some, stamps))).toBeGreaterThanOrEqual(1_008_000);
    });
    await fc.assert(keeps, { numRuns: 30, seed: 5 });
  });

  it('lose no start when people whose answers came late give theirs back and ask again', async () => {
    const store = at.closing(at.world.store());
    const crowded = at.lane(LONG);
    const ask = async (unused?: number) => {
      const reply = await store.ask(crowded.fingerprint, termsOf(crowded, 'interactive', 2.9 * LONG, unused));
      expect(reply).toMatchObject({ granted: true });
      return reply.stamp;
    };
    const given: number[] = [];
    while (given.length < 15) given.push(await ask());
    stall(60);
    const again: number[] = [];
    for (const stamp of given) again.push(await ask(stamp));
    expect(tightest(await looked(store, crowded, again))).toBeGreaterThanOrEqual((LONG + 8) * 1_000);
  });

  it('keep the place in the line of a start that is given back, and no better one', async () => {
    const store = at.closing(at.world.store());
    const crowded = at.lane(LONG, 1);
    const ask = (unused?: number) =>
      store.ask(crowded.fingerprint, termsOf(crowded, 'interactive', 9 * LONG, unused));
    const [first, second, third] = [await ask(), await ask(), await ask()];
    expect((await ask(second.stamp)).stamp).toBe(second.stamp);
    await store.move(crowded, first.stamp, 1);
    expect((await ask(third.stamp)).stamp).toBe(third.stamp);
  });

  it('tell a person whose place is beyond his wait when a newcomer would start', async () => {
    const store = at.closing(at.world.store());
    const narrow = at.lane(LONG, 1);
    const ask = (budgetMs: number, unused?: number) =>
      store.ask(narrow.fingerprint, termsOf(narrow, 'interactive', budgetMs, unused));
    await ask(0);
    const [second] = [await ask(9 * LONG), await ask(9 * LONG)];
    const refused = await ask(0, second.stamp);
    expect(refused).toMatchObject({ granted: false });
    expect(refused.freeUs).toBeGreaterThan(2 * LONG * 1_000);
  });

  it('put starts that lie ahead off when those before them were late, and none further than that takes', async () => {
    const store = at.closing(at.world.store());
    const lateness = fc.array(fc.nat(900_000), { minLength: 5, maxLength: 5 });
    const keeps = fc.asyncProperty(lateness, fc.integer({ min: 1, max: 20 }), async (late, count) => {
      const crowded = at.lane(1_000);
      const ask = async () =>
        (await store.ask(crowded.fingerprint, termsOf(crowded, 'interactive', 10_000))).stamp;
      const early: number[] = [];
      for (const us of late) early.push((await ask()) + us);
      const ahead: number[] = [];
      while (ahead.length < count) ahead.push(await ask());
      for (const [i, us] of late.entries()) await store.move(crowded, early[i]! - us, early[i]!);
      const next: number[] = [];
      for (const stamp of ahead) {
        const look = await store.look(crowded, { stamp, givenAt: stamp, latest: stamp + 2_000_000 });
        expect(look.stands).toBe(true);
        const windows = Math.floor(next.length / 5) + 1;
        expect(look.stamp).toBeLessThanOrEqual(Math.max(...early) + windows * (1_000 + WIDEST_MS) * 1_000);
        next.push(look.stamp);
      }
      expect(tightest([...early, ...next])).toBeGreaterThanOrEqual(1_008_000);
    });
    await fc.assert(keeps, { numRuns: 30, seed: 5 });
  });

  it('put a start off that lies ahead when those before it were sent after its own time', async () => {
    const store = at.closing(at.world.store());
    const cold = at.lane(50);
    const ask = async () => (await store.ask(cold.fingerprint, termsOf(cold, 'interactive', 10_000))).stamp;
    const early: number[] = [];
    while (early.length < 5) early.push(await ask());
    const stamp = await ask();
    const late = stamp + 15_000;
    for (const before of early) await store.move(cold, before, late);
    const look = await store.look(cold, { stamp, givenAt: stamp, latest: stamp + 2_000_000 });
    expect(look.stands).toBe(true);
    expect(look.stamp).toBeGreaterThanOrEqual(late + (cold.perMs + 8) * 1_000);
    expect(look.stamp).toBeLessThanOrEqual(late + (cold.perMs + WIDEST_MS) * 1_000);
  });

  it('keep nothing of a start that is given back where the new question is refused', async () => {
    const store = at.closing(at.world.store());
    const narrow = at.lane(LONG, 1);
    const ask = (budgetMs: number, unused?: number) =>
      store.ask(narrow.fingerprint, termsOf(narrow, 'interactive', budgetMs, unused));
    await ask(0);
    const ahead = await ask(2 * LONG);
    expect(await ask(0, ahead.stamp)).toMatchObject({ granted: false });
    expect((await ask(2 * LONG)).stamp).toBe(ahead.stamp);
  });

  it('give nothing to who has given up, and take back what he gave back', async () => {
    const store = at.closing(at.world.store());
    const narrow = at.lane(LONG, 1);
    const ask = (unused: number, notAfter: number) =>
      store.ask(narrow.fingerprint, { ...termsOf(narrow, 'interactive', 0, unused), notAfter });
    const first = await ask(0, NEVER_US);
    expect(await ask(first.stamp, first.at)).toMatchObject({ granted: false });
    expect(await ask(0, NEVER_US)).toMatchObject({ granted: true });
  });

  it('let interactive callers start at once and together while the lane has room', async () => {
    const slots = await at.fill(at.lane(LONG));
    expect(slots.map(slot => slot.granted)).toEqual([true, true, true, true, true]);
  });

  it('take a start back that could not be used in time, for one that is free', async () => {
    const full = at.lane(LONG);
    const slots = await at.fill(full);
    const again = await at.lanes.again(slots[4]!, 1_000);
    if (!again.granted) throw new Error('refused');
    expect(again.stamp).toBeGreaterThan(slots[4]!.stamp);
    expect(await at.refusal(full)).toBeGreaterThan(LONG / 2);
  });

  it('let the next caller have a start that is given back', async () => {
    const full = at.lane(LONG);
    const [first] = await at.fill(full);
    at.lanes.giveBack(first!);
    await expect.poll(() => at.lanes.enter(full, 'interactive', 0)).toMatchObject({ granted: true });
    expect(await at.refusal(full)).toBeGreaterThan(0);
  });

  it('keep no slot for people where only a report had to ask for its start again', async () => {
    const wide = at.lane(LONG, 2);
    await at.lanes.again(await at.start(wide, 'bulk'), 1_000);
    at.lanes = at.closing(at.world.limiter());
    expect(await at.refusal(wide, 'bulk')).toBeLessThanOrEqual(LONG / 2);
  });

  it('refuse with the time at which the oldest start leaves the window, and reserve nothing', async () => {
    const full = at.lane(LONG);
    await at.fill(full);
    const first = await at.refusal(full);
    expect(first).toBeGreaterThan(LONG / 2);
    expect(first).toBeLessThanOrEqual(LONG + WIDEST_MS + 3);
    expect(await at.refusal(full)).toBeLessThanOrEqual(first);
  });

  it('are one for all limiters', async () => {
    const shared = at.lane(LONG);
    await at.fill(shared);
    at.lanes = at.closing(at.world.limiter());
    expect(await at.refusal(shared, 'bulk')).toBeGreaterThan(LONG / 2);
  });

  it('reserve ahead for an interactive caller and never send it early', async () => {
    const busy = at.lane(200);
    const slots = await at.fill(busy);
    const reserved = await at.start(busy);
    expect(performance.now()).toBeGreaterThanOrEqual(reserved.dueAt);
    expect(reserved.stamp).toBeGreaterThanOrEqual(slots[0]!.stamp + 225_000);
  });

  it('serve an interactive caller before a write, that before a question, that before bulk', async () => {
    const narrow = at.lane(1_000, 1);
    await at.start(narrow);
    const waiting = (['bulk', 'reconcile', 'write', 'interactive'] as const).map(async cls => {
      const { stamp } = await at.start(narrow, cls);
      return { cls, stamp };
    });
    const order = (await Promise.all(waiting)).toSorted((a, b) => a.stamp - b.stamp).map(({ cls }) => cls);
    expect(order).toEqual(['interactive', 'write', 'reconcile', 'bulk']);
  });

  it('pace bulk, and give it every slot of a lane without interactive callers', async () => {
    const quiet = at.lane(LONG);
    for (let i = 0; i < 4; i++) await at.start(quiet, 'write');
    expect(await at.refusal(quiet, 'bulk')).toBeLessThanOrEqual(LONG / 5);
  });

  it('pace bulk by the law of its caller, also where the same lane was asked by another', async () => {
    const lane = at.lane(LONG);
    await at.start(lane, 'bulk');
    expect(await at.refusal({ ...lane, requests: 1, most: 5 }, 'bulk')).toBeGreaterThan(LONG / 2);
    expect(await at.refusal(lane, 'bulk')).toBeLessThanOrEqual(LONG / 5);
  });

  it('keep one slot free of bulk where an interactive caller was seen', async () => {
    const seen = at.lane(LONG);
    await at.fill(seen, 4);
    expect(await at.refusal(seen, 'bulk')).toBeGreaterThan(LONG / 2);
    await at.start(seen, 'interactive', 0);
  });

  it('serve bulk even while interactive callers want every slot', async () => {
    const wanted = at.lane(200);
    let bulkServed = false;
    let refused = 0;
    const callers = Array.from({ length: 12 }, async () => {
      while (!bulkServed) refused += (await at.lanes.enter(wanted, 'interactive', 150)).granted ? 0 : 1;
    });
    for (let i = 0; i < 3; i++) await at.start(wanted, 'bulk');
    bulkServed = true;
    await Promise.all(callers);
    expect(refused).toBeGreaterThan(0);
  });

  it.each(['write', 'reconcile', 'bulk'] as const)(
    'give a start within its wait to a %s beside tills that wait much longer',
    async cls => {
      const store = at.closing(at.world.store());
      const wanted = at.lane(1_000);
      const ask = (by: LaneClass, budgetMs: number) =>
        store.ask(wanted.fingerprint, termsOf(wanted, by, budgetMs));
      const stamps = [(await ask(cls, 0)).stamp];
      while (stamps.length < 50) stamps.push((await ask('interactive', 30_000)).stamp);
      const reply = await ask(cls, 4_000);
      expect(reply).toMatchObject({ granted: true });
      expect(tightest([...stamps, reply.stamp])).toBeGreaterThanOrEqual(1_008_000);
    },
  );

  it('leave a start of each window to a queued write from when it was refused', async () => {
    const store = at.closing(at.world.store());
    const wanted = at.lane(1_000);
    const ask = (cls: LaneClass, budgetMs: number) =>
      store.ask(wanted.fingerprint, termsOf(wanted, cls, budgetMs));
    for (let i = 0; i < 50; i++) await ask('interactive', 30_000);
    const first = await ask('write', 4_000);
    for (let i = 0; i < 20; i++) await ask('interactive', 30_000);
    const second = await ask('write', 4_000);
    expect([first, second]).toMatchObject([{ granted: false }, { granted: false }]);
    // It comes nearer, although the tills wait longer than before.
    expect(second.waitUs - first.waitUs).toBeLessThan(1_100_000);
  });

  it('serve the callers of one class in the order in which they came, one question at a time', async () => {
    const crowd = async () => {
      const line = at.lane(200);
      await at.start(line, 'bulk');
      const before = await at.world.questions();
      const callers = Array.from({ length: 300 }, () => at.lanes.enter(line, 'bulk', 2_000));
      const stamps = (await Promise.all(callers)).map(answer => (answer.granted ? answer.stamp : Infinity));
      return { stamps, questions: (await at.world.questions()) - before };
    };
    const { stamps, questions } = await punctually(crowd, answer => isSorted(answer.stamps));
    expect(stamps.filter(Number.isFinite).length).toBeGreaterThan(0);
    expect(isSorted(stamps)).toBe(true);
    // Each for itself they would ask 300 times at least; the one who asks for all may have to ask again on a busy machine.
    expect(questions).toBeLessThan(200);
  });

  it('tell a caller of a line whose time is over when to come back', async () => {
    const full = at.lane(LONG);
    await at.fill(full);
    const both = await Promise.all([at.refusal(full, 'bulk', 0), at.refusal(full, 'bulk', 0)]);
    for (const retryAfterMs of both) expect(retryAfterMs).toBeGreaterThan(LONG / 2);
  });

  it('hold a paused lane, for a minute at most', async () => {
    const told = at.lane(200);
    await at.lanes.pause(told, 3_600_000);
    // Of two calls that were refused together, each may be told its own time.
    await at.lanes.pause(told, 0);
    const hold = await at.refusal(told);
    expect(hold).toBeGreaterThan(30_000);
    expect(hold).toBeLessThanOrEqual(60_000);
    const [use] = await at.lanes.use([told]);
    expect(use).toMatchObject({ fingerprint: told.fingerprint, slotsUsed: 0 });
    expect(use!.pausedMs).toBeGreaterThan(30_000);
  });

  it('keep a wider window after a 429', async () => {
    const told = at.lane(200);
    await at.lanes.pause(told, 0);
    const stamps = (await at.fill(told, 6)).map(slot => slot.stamp);
    expect(tightest(stamps)).toBeGreaterThanOrEqual(216_000);
  });

  it('widen the window once for all calls that were refused together', async () => {
    const told = at.lane(LONG, 1);
    await Promise.all(Array.from({ length: 5 }, () => at.lanes.pause(told, Number.NaN)));
    await at.start(told);
    expect(await at.refusal(told)).toBeLessThanOrEqual(LONG + WIDEST_MS + 8 + 3);
  });

  it('count the starts of the last window, and know whether people call', async () => {
    const [used, queued, untouched] = [at.lane(LONG), at.lane(LONG), at.lane(LONG)];
    await at.fill(used, 3);
    await at.start(queued, 'bulk');
    expect(await at.lanes.use([untouched, used, queued])).toEqual([
      { fingerprint: untouched.fingerprint, slotsUsed: 0, pausedMs: 0, people: false },
      { fingerprint: used.fingerprint, slotsUsed: 3, pausedMs: 0, people: true },
      { fingerprint: queued.fingerprint, slotsUsed: 1, pausedMs: 0, people: false },
    ]);
  });
});

/** Where starts stand once each was looked at again, in the order in which they are due. */
async function looked(store: LaneStore, lane: Lane, stamps: number[]): Promise<number[]> {
  const last: number[] = [];
  for (const stamp of stamps.toSorted((a, b) => a - b)) {
    const look = await store.look(lane, { stamp, givenAt: stamp, latest: Number.MAX_SAFE_INTEGER });
    expect(look.stands).toBe(true);
    last.push(look.stamp);
  }
  return last;
}
