import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Purchase, Refund } from '#canonical';
import { Refusal, outcomeOf } from '#canonical';
import { accept, purchaseKind, purchaseView, refundKind, startWorkers } from '#outbound';
import type { Kind, OpenConnection, Workers, WriteAnswer } from '#outbound';
import type { StoredOperation } from '#persistence';
import { openCompany } from '../chaos/companies.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

/** `npm run chaos` runs 10,000. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 100);
const rub = (kopecks: number) => ({ amount: (kopecks / 100).toFixed(2), currency: 'RUB' });

let world: World;

/** A world for one group of tests. */
function inWorld(workers: boolean): void {
  let running: Workers | undefined;
  beforeAll(async () => {
    world = await startWorld({ sandbox: { only: ['uds'] } });
    if (workers) running = startWorkers(world.core, world.queues);
  });
  afterAll(async () => {
    await running?.close();
    await world.close();
  });
}

let keys = 0;
const key = () => `refund-property-key-${++keys}`;

/** Accepts a purchase and marks it succeeded without calling the provider. */
async function purchaseOf(uds: OpenConnection, totalKopecks: number): Promise<string> {
  const { core } = world;
  const body = {
    identifier: { type: 'code', value: '700007' },
    merchantReference: key(),
    receipt: { total: rub(totalKopecks) },
  };
  const asked = { kind: purchaseKind, connection: uds, body, params: {}, idempotencyKey: key(), waitMs: 0 };
  const taken = await accept(core, asked);
  if (taken.outcome !== 'new') throw new Error(taken.outcome);
  const { id, resourceId } = taken.operation;
  await end(taken.operation, 'succeeded');
  await core.stores.purchases.complete(core.database.direct, resourceId, {
    result: {},
    warnings: [],
    providerOperationId: id,
    connectionId: uds.id,
    refs: {},
  });
  return resourceId;
}

type End = 'succeeded' | 'rejected' | 'unknown' | 'needs-review';

/** Writes an outcome as a run of the operation would; returns what prevents it. */
async function end(operation: StoredOperation, state: End): Promise<string | null> {
  const { operations } = world.core.stores;
  const tx = world.core.database.direct;
  const answer = await operations.claim(tx, operation, { owner: 'test', leaseMs: 60_000 }, { write: true });
  if ('blocked' in answer) return answer.blocked;
  await operations.settle(tx, answer.claim, { state, outcome: outcomeOf(state), evidence: 'none' });
  return null;
}

/** Requests a refund; returns the operation, or the code of the refusal. */
async function ask(
  uds: OpenConnection,
  purchaseId: string,
  kopecks: number | undefined,
): Promise<StoredOperation | string> {
  const body = { merchantReference: key(), ...(kopecks === undefined ? {} : { amount: rub(kopecks) }) };
  const asked = {
    kind: refundKind,
    connection: uds,
    body,
    params: { purchaseId },
    idempotencyKey: key(),
    waitMs: 0,
  };
  try {
    const taken = await accept(world.core, asked);
    return taken.outcome === 'new' ? taken.operation : taken.outcome;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** The model in kopecks: every refund not known to have failed counts. */
class Model {
  readonly refunds: { operation: StoredOperation; kopecks: number; state: 'queued' | End }[] = [];

  constructor(readonly total: number) {}

  sum(...states: string[]): number {
    const counted = this.refunds.filter(({ state }) => states.includes(state));
    return counted.reduce((sum, { kopecks }) => sum + kopecks, 0);
  }

  get inDoubt(): number {
    return this.sum('queued', 'unknown', 'needs-review');
  }

  get rest(): number {
    return this.total - this.sum('succeeded') - this.inDoubt;
  }
}

type Step = { ask: number | 'rest' } | { together: [number, number] } | { end: End; which: number };

const percent = fc.integer({ min: 1, max: 120 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ask: fc.oneof(percent, fc.constant('rest' as const)) }) },
  { weight: 1, arbitrary: fc.record({ together: fc.tuple(percent, percent) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      end: fc.constantFrom<End>('succeeded', 'rejected', 'unknown', 'needs-review'),
      which: fc.nat({ max: 5 }),
    }),
  },
);

describe('refunds of one purchase', () => {
  inWorld(false);

  it('never exceed the amount paid, with lost answers and concurrent requests', async () => {
    const uds = await world.connect('uds');
    const sequence = fc.tuple(fc.integer({ min: 100, max: 5_000_000 }), fc.array(step, { maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(sequence, async ([total, steps]) => {
        const model = new Model(total);
        const purchaseId = await purchaseOf(uds, total);
        for (const one of steps) await take(one, { uds, purchaseId, model });
        await holdAgainst(purchaseId, model);
      }),
      { numRuns: SEQUENCES, seed: 13 },
    );
  }, 3_600_000);
});

interface Game {
  uds: OpenConnection;
  purchaseId: string;
  model: Model;
}

async function take(one: Step, game: Game): Promise<void> {
  if ('end' in one) return endOne(one, game.model);
  if ('ask' in one) return askOne(one.ask, game);
  const sums = one.together.map(part => kopecksOf(part, game.model));
  const answers = await Promise.all(sums.map(sum => ask(game.uds, game.purchaseId, sum)));
  for (const [nth, answer] of answers.entries())
    if (typeof answer !== 'string')
      game.model.refunds.push({ operation: answer, kopecks: sums[nth]!, state: 'queued' });
  expect(game.model.rest).toBeGreaterThanOrEqual(0);
}

const kopecksOf = (part: number, { total }: Model): number => Math.max(1, Math.floor((total * part) / 100));

async function askOne(part: number | 'rest', { uds, purchaseId, model }: Game): Promise<void> {
  const wanted = part === 'rest' ? undefined : kopecksOf(part, model);
  const kopecks = wanted ?? model.rest;
  const answer = await ask(uds, purchaseId, wanted);
  if (kopecks === 0 || kopecks > model.rest) return expect(answer).toBe('refund-exceeds-purchase');
  expect(answer).toMatchObject({ state: 'queued' });
  model.refunds.push({ operation: answer as StoredOperation, kopecks, state: 'queued' });
}

/** Finishes a refund; while another is unknown or an older one queued, it may not be sent. */
async function endOne({ end: how, which }: { end: End; which: number }, model: Model): Promise<void> {
  const waiting = model.refunds.filter(({ state }) => state === 'queued');
  const refund = waiting[which % Math.max(1, waiting.length)];
  if (!refund) return;
  const mustWait =
    model.refunds.some(({ state }) => state === 'unknown') || !(await isOldest(refund.operation, waiting));
  expect(await end(refund.operation, how)).toBe(mustWait ? 'serial' : null);
  if (!mustWait) refund.state = how;
}

async function isOldest({ id }: StoredOperation, waiting: Model['refunds']): Promise<boolean> {
  const [oldest] = await world.core.database.direct.query(
    'select id from operations where id = any($1) order by created_at, id limit 1',
    [waiting.map(({ operation }) => operation.id)],
  );
  return oldest.id === id;
}

async function holdAgainst(purchaseId: string, model: Model): Promise<void> {
  const { core, tenantId } = world;
  const tx = core.database.direct;
  const stored = (await core.stores.purchases.find(tx, tenantId, purchaseId))!;
  const view = await purchaseView(core, tx, stored, {
    state: 'succeeded',
    outcome: 'executed',
    updatedAt: stored.updatedAt,
  });
  expect(view.refunds).toEqual({
    refunded: rub(model.sum('succeeded')),
    inDoubt: rub(model.inDoubt),
    refundable: rub(model.rest),
  });
}

describe('a refund at UDS', () => {
  inWorld(true);

  const redeems = fc.constantFrom('0', '50', '300.25');
  const parts = fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 1, maxLength: 3 });

  it('restores redeemed points and revokes earned ones, never the reverse', async () => {
    const games = fc.sample(fc.tuple(redeems, parts), { numRuns: 8, seed: 13 });
    // Each in its own company, with its own lane, balance and ledger.
    await Promise.all(games.map(([redeemPoints, percents], nth) => play(nth, redeemPoints, percents)));
  });

  async function play(nth: number, redeemPoints: string, percents: number[]): Promise<void> {
    const company = await openCompany(world, 'uds', nth);
    try {
      const before = await balanceOf(company);
      const purchase = await buy(company.connection, nth, redeemPoints);
      const moved = { earned: Number(purchase.result!.earnedPoints), redeemed: Number(redeemPoints) };
      expect(await balanceOf(company)).toBeCloseTo(before - moved.redeemed + moved.earned, 2);
      for (const part of [...percents, 'rest' as const]) {
        const held = await balanceOf(company);
        const refund = await giveBack(company.connection, purchase.id, part);
        if (!refund) continue;
        // UDS reports both in one number; the money paid distinguishes them.
        const [returned, reversed] = [Number(refund.returnedPoints), Number(refund.reversedEarnedPoints)];
        expect((await balanceOf(company)) - held).toBeCloseTo(returned - reversed, 2);
        expect(returned + Number(refund.returnedMoney!.amount)).toBeCloseTo(Number(refund.amount.amount), 2);
        expect(returned > 0).toBe(moved.redeemed > 0);
        expect(reversed > 0).toBe(moved.earned > 0);
        expect(refund).not.toHaveProperty('netPoints');
      }
      expect(await balanceOf(company)).toBeCloseTo(before, 2);
    } finally {
      await company.sandbox.close();
    }
  }

  async function buy(connection: OpenConnection, nth: number, redeemPoints: string): Promise<Purchase> {
    const body = {
      identifier: { type: 'code', value: '700007' },
      merchantReference: `sale-${nth}`,
      receipt: { total: rub(100_000), redeemPoints },
    };
    const answer = await finished(purchaseKind, connection, { body });
    expect(answer.status).toBe(201);
    return answer.body as Purchase;
  }

  async function giveBack(
    connection: OpenConnection,
    purchaseId: string,
    part: number | 'rest',
  ): Promise<Refund | undefined> {
    const body = { merchantReference: key(), ...(part === 'rest' ? {} : { amount: rub(part * 1_000) }) };
    const asked = { body, params: { purchaseId } };
    const answer = await finished(refundKind, connection, asked).catch(error => error as Refusal);
    if (answer instanceof Refusal) return void expect(answer.code).toBe('refund-exceeds-purchase');
    expect(answer.status).toBe(201);
    return answer.body as Refund;
  }
});

/** Repeats under one key until the outcome is final, however slow the machine is. */
async function finished(
  kind: Kind,
  connection: OpenConnection,
  asked: { body: unknown; params?: Record<string, string> },
): Promise<WriteAnswer> {
  const own = key();
  for (;;) {
    const answer = await world.write(kind, connection, { ...asked, key: own, waitMs: 5_000 });
    if (answer.status !== 202) return answer;
  }
}

async function balanceOf(company: Awaited<ReturnType<typeof openCompany>>): Promise<number> {
  const state = (await company.control('state?provider=uds')) as {
    uds: { customers: { displayName: string; points: string }[] };
  };
  return Number(state.uds.customers.find(({ displayName }) => displayName === 'Егор Титов')!.points);
}
