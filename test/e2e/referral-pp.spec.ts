import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  execute,
  listClicks,
  listConversions,
  listPayoutMethods,
  listPayouts,
  payoutKind,
  readStatistics,
  readSummary,
  reconcile,
  startWorkers,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Conversion, Payout } from '#canonical';
import { eventsOf } from '../support/events-of.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const MINUTE = 60_000;
const terms = { waitMs: 15_000 };
const page = { limit: 25 };
const usd = (amount: string) => ({ amount, currency: 'USD' });
const wish = { methodId: '1', account: 'U7654321' };

let world: World;
let pp: OpenConnection;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['pp'] }, now: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => world.close());
afterEach(() => vi.restoreAllMocks());
beforeEach(async () => {
  aheadMs = 0;
  await world.control('clock', { offsetMs: 0 });
  await world.control('reset', { provider: 'pp', options: {} });
  // This dialect has a path per call, so that a fault can select one.
  pp = await world.connect('pp', { dialect: 'userapi-v1' });
});

const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const orders = async () =>
  (await world.journal('pp')).filter(({ path }) => path.endsWith('add_partner_payout')).length;
const lose = (fault: string, pathPattern = 'add_partner_payout') =>
  world.control('faults', { provider: 'pp', method: 'POST', pathPattern, fault, count: 1 });
const sql = (text: string, parameters: unknown[]) => world.core.database.source.query(text, parameters);

describe('a payout at PP', () => {
  it('is ordered once, with only the end of its account shown and stored', async () => {
    const answer = await world.write(payoutKind, pp, { body: wish });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        status: 'pending',
        providerStatus: '0',
        methodId: '1',
        accountMasked: '••••4321',
        providerRef: '312',
        operationId: answer.operationId,
      },
    });
    expect(await world.effects('pp')).toMatchObject([{ type: 'payout', key: '1:U7654321' }]);
    const rows = [
      await sql('select * from records where operation_id = $1', [answer.operationId]),
      await sql('select * from operations where id = $1', [answer.operationId]),
    ];
    expect(JSON.stringify(rows)).not.toContain('U7654321');
    const { data } = await listPayouts(world.core, pp, page, terms);
    expect(data[0]).toMatchObject({ id: (answer.body as Payout).id, operationId: answer.operationId });
  });

  it.each([
    ['a closed method', { methodId: '4', account: 'P10203040' }, 'payout-method-unavailable'],
    ['a wrong account', { methodId: '1', account: 'nonsense' }, 'validation-failed'],
  ])('is refused for %s', async (_, body, code) => {
    expect(await world.write(payoutKind, pp, { body })).toMatchObject({ status: 422, body: { code } });
    expect(await world.effects('pp')).toHaveLength(0);
  });

  it('is rejected with PP’s reason also where it was doubted at first, since the list could not be read', async () => {
    // Nothing that was read before explains such a refusal.
    await world.control('reset', { provider: 'pp', options: { reserve: '1' } });
    const { send } = world.core;
    const really = send.send.bind(send);
    const losesTheList = vi.spyOn(send, 'send').mockImplementation(async asked => {
      const answer = await really(asked);
      if (!asked.url.endsWith('add_partner_payout')) return answer;
      losesTheList.mockRestore();
      await lose('500-without-commit', 'get_partner_payouts');
      return answer;
    });
    const { operationId } = await world.attempt(payoutKind, pp, { body: wish });
    expect((await operation(operationId!)).state).toBe('unknown');
    await reconcile(world.core, operationId!);
    aheadMs = 61_000;
    await reconcile(world.core, operationId!);
    expect(await operation(operationId!)).toMatchObject({
      state: 'rejected',
      outcome: 'not-executed',
      problem: { code: 'payout-method-unavailable', operationId },
    });
  });

  it('is refused without a balance', async () => {
    await world.write(payoutKind, pp, { body: wish });
    expect(await world.write(payoutKind, pp, { body: wish })).toMatchObject({
      status: 422,
      body: { code: 'payout-balance-empty' },
    });
    expect(await world.effects('pp')).toHaveLength(1);
  });

  it('is found in the list after a lost answer, and not ordered again', async () => {
    await lose('commit-then-reset');
    const answer = await world.attempt(payoutKind, pp, { body: wish });
    expect(answer.status).toBe(202);
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await orders()).toBe(1);
    const { data } = await listPayouts(world.core, pp, page, terms);
    expect(data[0]).toMatchObject({
      id: (await operation(answer.operationId!)).resourceId,
      amount: { currency: 'PMUSD' },
    });
  });

  it('has one id, also if a list showed it before its operation was known to have succeeded', async () => {
    await lose('commit-then-reset');
    const { operationId } = await world.attempt(payoutKind, pp, { body: wish });
    const newest = async () => (await listPayouts(world.core, pp, page, terms)).data[0]!;
    expect(await newest()).not.toHaveProperty('operationId');
    await reconcile(world.core, operationId!);
    const { resourceId: id } = await operation(operationId!);
    expect(await newest()).toMatchObject({ id, operationId, providerRef: '312' });
  });

  it('is rejected, not repeated, if it never arrived', async () => {
    await lose('500-without-commit');
    const answer = await world.attempt(payoutKind, pp, { body: wish });
    await reconcile(world.core, answer.operationId!);
    expect((await operation(answer.operationId!)).state).toBe('unknown');
    aheadMs = 61_000;
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({
      state: 'rejected',
      outcome: 'not-executed',
    });
    expect(await orders()).toBe(1);
    expect(await world.effects('pp')).toHaveLength(0);
  });

  it('that is looked up in vain until the settle time is over is looked up again soon after it', async () => {
    await lose('500-without-commit');
    const { operationId: id } = await world.attempt(payoutKind, pp, { body: wish });
    const lookAt = async (seconds: number): Promise<number> => {
      aheadMs = seconds * 1_000;
      await reconcile(world.core, id!);
      const { state, reconcile: search } = await operation(id!);
      return state === 'unknown' ? Date.parse(search!.nextAt!) - world.core.now().getTime() : 0;
    };
    let inMinutes = 0;
    for (const seconds of [3, 6, 16, 61]) {
      await lose('500-without-commit', 'get_partner_payouts');
      inMinutes = (await lookAt(seconds)) / MINUTE;
    }
    expect(inMinutes).toBeGreaterThan(0.5);
    expect(inMinutes).toBeLessThan(2.5);
    expect(await lookAt(122)).toBeLessThanOrEqual(5_000);
    expect(await lookAt(128)).toBe(0);
    expect(await operation(id!)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
  });

  it('waits, unsent, while the outcome of another is unknown', async () => {
    await lose('commit-then-reset');
    const first = await world.attempt(payoutKind, pp, { body: wish });
    expect((await operation(first.operationId!)).state).toBe('unknown');
    const second = await world.write(payoutKind, pp, { body: wish, waitMs: 500 });
    expect(second).toMatchObject({ status: 202, body: { state: 'queued', outcome: 'not-executed' } });
    expect(await orders()).toBe(1);
    await reconcile(world.core, first.operationId!);
    await execute(world.core, second.operationId!, { laneBudgetMs: 3_000 });
    expect(await operation(second.operationId!)).toMatchObject({
      state: 'rejected',
      problem: { code: 'payout-balance-empty' },
    });
    expect(await world.effects('pp')).toHaveLength(1);
  });

  it('is ordered once when two are asked for at the same moment', async () => {
    const workers = startWorkers(world.core, world.queues);
    try {
      const both = await Promise.all([
        world.write(payoutKind, pp, { body: wish, waitMs: 15_000 }),
        world.write(payoutKind, pp, { body: wish, waitMs: 15_000 }),
      ]);
      expect(both.map(({ status }) => String(status)).toSorted()).toEqual(['201', '422']);
      expect(both.find(({ status }) => status === 422)).toMatchObject({
        body: { code: 'payout-balance-empty' },
      });
      expect(await world.effects('pp')).toHaveLength(1);
    } finally {
      await workers.close();
    }
  });
});

describe('lists of PP', () => {
  it('say what to do if the lane is full in the middle of a read', async () => {
    const { send, lanes } = world.core;
    const really = send.send.bind(send);
    vi.spyOn(send, 'send').mockImplementation(async asked => {
      await lanes.pause(pp.lane, 30_000);
      return really(asked);
    });
    const asked = readStatistics(
      world.core,
      pp,
      { subject: 'campaigns', groupBy: 'none' },
      { waitMs: 1_000 },
    );
    await expect(asked).rejects.toMatchObject({
      code: 'lane-saturated',
      detail: expect.stringMatching(/after 1 of the calls.*Prefer: wait=25/),
    });
  });

  const conversion = async (providerRef: string): Promise<Conversion> => {
    const { data } = await listConversions(world.core, pp, page, terms);
    return data.find(one => one.providerRef === providerRef)!;
  };
  const told = async (resourceId: string) => (await eventsOf(world, resourceId)).map(({ type }) => type);

  beforeEach(async () => {
    // The documented dialect: it answers "accrued" and nothing else.
    pp = await world.connect('pp');
  });

  it('emits one event for a conversion that was approved and then reversed', async () => {
    const before = await conversion('1898');
    expect(before).toMatchObject({ status: 'approved', reward: usd('1.34') });
    await world.control('clock', { offsetMs: 16 * MINUTE });
    const [after, again] = await Promise.all([conversion('1898'), conversion('1898')]);
    expect(after).toMatchObject({ id: before.id, status: 'reversed' });
    expect(again).toEqual(after);
    expect(await conversion('1898')).toEqual(after);
    expect(await told(before.id)).toEqual(['referral.conversion.reversed']);
  });

  it('emits an event for an approval between two polls, and none at the first', async () => {
    const before = await conversion('1901');
    expect(before.status).toBe('pending');
    await world.control('clock', { offsetMs: 11 * MINUTE });
    expect(await conversion('1901')).toMatchObject({ id: before.id, status: 'approved' });
    expect(await told(before.id)).toEqual(['referral.conversion.approved']);
  });

  it('does not take an older answer for a reversal if a newer one came first', async () => {
    const before = await conversion('1901');
    expect(before.status).toBe('pending');
    const { send } = world.core;
    let newer: Conversion | undefined;
    const overtaken: typeof send.send = async asked => {
      const answer = await send.send(asked);
      if (newer) return answer;
      await world.control('clock', { offsetMs: 11 * MINUTE });
      newer = await conversion('1901');
      return answer;
    };
    const core = { ...world.core, send: { ...send, send: overtaken } };
    const { data } = await listConversions(core, pp, page, terms);
    expect(newer!.status).toBe('approved');
    expect(data.find(({ id }) => id === before.id)!.status).toBe('approved');
    expect(await conversion('1901')).toEqual(newer);
    expect(await told(before.id)).toEqual(['referral.conversion.approved']);
  });

  it('does not report a reversal without a known approval', async () => {
    // The provider's clock offset is learnt from the first call.
    await listClicks(world.core, pp, page, terms);
    await world.control('clock', { offsetMs: 16 * MINUTE });
    expect((await conversion('1898')).status).toBe('pending');
  });

  it('has pages that continue after the last one', async () => {
    const first = await listClicks(world.core, pp, { limit: 3 }, terms);
    const rest = await listClicks(world.core, pp, { limit: 3, cursor: first.next }, terms);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(['50211', '50207', '50190', '50133']);
    expect(rest.next).toBeUndefined();
    const today = new Date().toISOString().slice(0, 10);
    await expect(
      listClicks(world.core, pp, { ...page, from: today, to: '2020-01-01' }, terms),
    ).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('masks the accounts of all payouts and keeps their ids', async () => {
    const { data } = await listPayouts(world.core, pp, page, terms);
    expect(data.map(({ accountMasked, status }) => [accountMasked, status])).toEqual([
      ['••••4567', 'paid'],
      ['••••5678', 'rejected'],
      ['••••3040', 'cancelled'],
    ]);
    expect(JSON.stringify(data)).not.toMatch(/U1234567|2200700112345678/);
    expect(await listPayouts(world.core, pp, { ...page, status: 'paid' }, terms)).toEqual({
      data: [data[0]],
      next: undefined,
    });
  });

  it('is the balance, the methods and the counts of the account', async () => {
    expect(await readSummary(world.core, pp, {}, terms)).toEqual({ balance: usd('40.50') });
    expect((await listPayoutMethods(world.core, pp, terms)).map(({ id }) => id)).toEqual(['1', '2', '3']);
    const [row] = await readStatistics(world.core, pp, { subject: 'sites', groupBy: 'none' }, terms);
    expect(row).toMatchObject({ subject: 'sites', clicks: 4, conversions: 3 });
  });
});
