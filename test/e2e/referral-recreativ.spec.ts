import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  adjustmentKind,
  customerKind,
  execute,
  kindOf,
  listCustomers,
  listPartners,
  listPayouts,
  lookUpCustomer,
  readStatistics,
  readTree,
  reconcile,
  resolveOperation,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import type { BalanceAdjustment, Customer } from '#canonical';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const terms = { waitMs: 10_000 };
const page = { limit: 50 };

let world: World;
let recreativ: OpenConnection;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({
    sandbox: {
      only: ['recreativ'],
      rateLimit: { recreativ: false },
      options: { recreativ: { referrals: 0 } },
    },
    now: () => new Date(Date.now() + aheadMs),
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  aheadMs = 0;
  await world.control('reset', { provider: 'recreativ' });
  recreativ = await world.connect('recreativ', { currency: 'RUB' });
});

const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const sent = async (method: string, path: RegExp) =>
  (await world.journal('recreativ')).filter(line => line.method === method && path.test(line.path));
const lose = (fault: string, method: string, pathPattern: string) =>
  world.control('faults', { provider: 'recreativ', fault, method, pathPattern, count: 1 });
const anna = (): Promise<Customer> =>
  lookUpCustomer(world.core, recreativ, { identifier: { type: 'uid', value: '6001' } }, terms);

describe('a customer at Recreativ', () => {
  const body = { username: 'dina', email: 'dina@example.com', phone: '+79031112233' };

  it('is registered once, and has the same id in the list', async () => {
    const answer = await world.write(customerKind, recreativ, { body });
    expect(answer).toMatchObject({ status: 201, body: { email: body.email, member: true } });
    const { data } = await listCustomers(world.core, recreativ, page, terms);
    expect(data.map(({ id }) => id)).toContain((answer.body as Customer).id);
    expect(await world.effects('recreativ')).toMatchObject([{ type: 'customer', key: 'dina' }]);
  });

  it('is refused where the login is taken, with the field', async () => {
    const taken = { username: 'anna', email: 'other@example.com' };
    const answer = await world.write(customerKind, recreativ, { body: taken });
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(await world.effects('recreativ')).toHaveLength(0);
  });

  it('is found in the list after a lost answer, and not registered again', async () => {
    await lose('commit-then-reset', 'POST', 'advertiser/users$');
    const answer = await world.attempt(customerKind, recreativ, { body });
    expect(answer.status).toBe(202);
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await sent('POST', /users$/)).toHaveLength(1);
    const { resourceId } = await operation(answer.operationId!);
    const { data } = await listCustomers(world.core, recreativ, page, terms);
    expect(data.map(({ id }) => id)).toContain(resourceId);
  });

  it('is not registered if the request never arrived', async () => {
    await lose('500-without-commit', 'POST', 'advertiser/users$');
    const answer = await world.attempt(customerKind, recreativ, { body });
    await reconcile(world.core, answer.operationId!);
    aheadMs = 61_000;
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({
      state: 'rejected',
      outcome: 'not-executed',
    });
    expect(await sent('POST', /users$/)).toHaveLength(1);
  });

  it('resolved as executed is promised under no id: only Recreativ’s list could tell which account it is', async () => {
    await lose('commit-then-reset', 'POST', 'advertiser/users$');
    const asked = { body, key: 'a-client-of-a-person' };
    const { operationId } = await world.attempt(customerKind, recreativ, asked);
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    await resolveOperation(world.core, person, operationId!, { outcome: 'executed', note: 'seen' });
    const answer = await world.write(customerKind, recreativ, asked);
    expect(answer).toMatchObject({ status: 201, location: `/v1/operations/${operationId}` });
    expect(answer.body).toBeUndefined();
    // By now that answer is kept under its key.
    await world.core.background.drain(10_000);
    expect((await world.write(customerKind, recreativ, asked)).body).toBeUndefined();
    expect((await operation(operationId!)).resourceId).toBe(operationId);
    const told: { id: string }[] = await world.core.database.direct.query(
      `select data->'resource'->>'id' as id from events where resource_id = $1 and type = 'operation.resolved'`,
      [operationId],
    );
    expect(told).toEqual([{ id: operationId }]);
  });
});

describe('a balance adjustment at Recreativ', () => {
  const of = async (amount: string) => ({
    body: { delta: rub(amount) },
    params: { customerId: (await anna()).id },
  });
  const adjust = async (amount: string, waitMs?: number) =>
    world.write(adjustmentKind, recreativ, { ...(await of(amount)), waitMs });
  const attempt = async (amount: string) => world.attempt(adjustmentKind, recreativ, await of(amount));

  it('adds exactly the change, which may be negative', async () => {
    const answer = await adjust('-50.25');
    expect(answer).toMatchObject({
      status: 201,
      body: {
        state: 'succeeded',
        outcome: 'executed',
        delta: rub('-50.25'),
        balanceAfter: rub('1200.25'),
        operationId: answer.operationId,
      },
    });
    expect((answer.body as BalanceAdjustment).id).toMatch(/^adj_/);
    expect(await world.effects('recreativ')).toMatchObject([
      { type: 'adjustment', data: { delta: '-50.25' } },
    ]);
  });

  it('is refused in another currency, and for an unknown customer', async () => {
    const { id } = await anna();
    const dollars = { delta: { amount: '1.00', currency: 'USD' } };
    expect(
      await world.write(adjustmentKind, recreativ, { body: dollars, params: { customerId: id } }),
    ).toMatchObject({ status: 422, body: { errors: [{ pointer: '/delta/currency' }] } });
    const nobody = { customerId: 'cus_01h455vb4pex5vsknk084sn02q' };
    await expect(
      world.write(adjustmentKind, recreativ, { body: { delta: rub('1.00') }, params: nobody }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(await sent('PUT', /users/)).toHaveLength(0);
  });

  it.each([
    ['commit-then-reset', 1],
    ['500-without-commit', 0],
  ] as const)('is never sent twice after %s: a person decides', async (fault, made) => {
    await lose(fault, 'PUT', 'advertiser/users/6001$');
    const answer = await attempt('100.00');
    expect(answer.status).toBe(202);
    aheadMs = 61_000;
    await reconcile(world.core, answer.operationId!);
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
    expect(await sent('PUT', /users/)).toHaveLength(1);
    expect(await world.effects('recreativ')).toHaveLength(made);
  });

  it('waits for an unknown one of the same customer, and for no other customer’s', async () => {
    await lose('commit-then-reset', 'PUT', 'advertiser/users/6001$');
    const first = await attempt('100.00');
    expect((await operation(first.operationId!)).state).toBe('unknown');
    const second = await adjust('7.00', 500);
    expect(second).toMatchObject({ status: 202, body: { state: 'queued', outcome: 'not-executed' } });
    const boris = await lookUpCustomer(
      world.core,
      recreativ,
      { identifier: { type: 'uid', value: '6002' } },
      terms,
    );
    expect(
      await world.write(adjustmentKind, recreativ, {
        body: { delta: rub('1.00') },
        params: { customerId: boris.id },
      }),
    ).toMatchObject({ status: 201, body: { balanceAfter: rub('341.00') } });
    await reconcile(world.core, first.operationId!);
    await execute(world.core, second.operationId!, { laneBudgetMs: 3_000 });
    expect((await operation(second.operationId!)).state).toBe('succeeded');
    expect((await anna()).balance).toEqual(rub('1357.50'));
  });
});

describe('a write of Recreativ’s own', () => {
  const write = (name: string, asked: { params?: Record<string, string>; body?: unknown; key?: string }) =>
    world.write(kindOf(`x.recreativ.${name}`), recreativ, {
      params: asked.params,
      body: { query: {}, body: asked.body },
      key: asked.key,
    });
  const offer = { campaignId: '111', description: 'Кофе', url: 'https://coffee.example.ru/new' };

  it('makes an offer and stores its answer sealed with the operation', async () => {
    const key = 'one-offer-and-no-more';
    const answer = await write('createOffer', { body: offer, key });
    expect(answer).toMatchObject({ status: 201, body: { id: expect.any(String) } });
    expect(answer.location).toBe(`/v1/x/recreativ/offers/${(answer.body as { id: string }).id}`);
    expect(await operation(answer.operationId!)).toMatchObject({
      resourceType: 'extension',
      resourceId: answer.operationId,
      result: { sealed: expect.any(String) },
    });
    const told: { id: string }[] = await world.core.database.direct.query(
      `select data->'resource'->>'id' as id from events where resource_id = $1 and type = 'operation.succeeded'`,
      [answer.operationId],
    );
    expect(told).toEqual([{ id: answer.operationId }]);
    expect(await write('createOffer', { body: offer, key })).toEqual({ ...answer, replayed: true });
    expect((await world.effects('recreativ')).filter(({ type }) => type === 'offer')).toHaveLength(1);
  });

  it('waits while an offer of the same address is unknown: one new offer would prove both', async () => {
    await lose('commit-then-reset', 'POST', 'advertiser/offers$');
    const asked = { body: { query: {}, body: offer } };
    const kind = kindOf('x.recreativ.createOffer');
    const first = await world.attempt(kind, recreativ, asked);
    const second = await world.write(kind, recreativ, { ...asked, waitMs: 500 });
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(await sent('POST', /offers$/)).toHaveLength(1);
  });

  it('finds an offer after a lost answer', async () => {
    await lose('commit-then-reset', 'POST', 'advertiser/offers$');
    const asked = { body: { query: {}, body: offer } };
    const answer = await world.attempt(kindOf('x.recreativ.createOffer'), recreativ, asked);
    expect(answer.status).toBe(202);
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await sent('POST', /offers$/)).toHaveLength(1);
  });

  it('repeats absolute writes, and answers 204 without a body', async () => {
    const made = await write('createOffer', { body: offer });
    const params = { id: (made.body as { id: string }).id };
    await lose('commit-then-reset', 'PUT', 'advertiser/offers/');
    expect(await write('setOfferActive', { params, body: { active: false } })).toMatchObject({
      status: 200,
      body: { id: params.id, active: false },
    });
    await lose('commit-then-reset', 'DELETE', 'advertiser/offers/');
    expect(await write('deleteOffer', { params })).toMatchObject({ status: 204, body: undefined });
    expect((await world.effects('recreativ')).filter(({ type }) => type === 'offer-deleted')).toHaveLength(1);
  });

  it('is not overtaken by the repeat of an earlier one whose answer was lost', async () => {
    const start = (active: boolean, waitMs: number) =>
      world.write(kindOf('x.recreativ.setCampaignActive'), recreativ, {
        params: { id: '111' },
        body: { query: {}, body: { active } },
        waitMs,
      });
    await lose('commit-then-reset', 'PUT', 'advertiser/campaigns/');
    const { operationId: first } = await start(true, 0);
    // One attempt, as soon as the lane has a start: its budget is shorter than the pause before a repeat.
    while ((await operation(first!)).attempts === 0) await execute(world.core, first!, { laneBudgetMs: 200 });
    expect(await operation(first!)).toMatchObject({ state: 'queued', outcome: 'unknown' });

    const second = await start(false, 2_000);
    expect(second).toMatchObject({ status: 202 });
    for (const id of [first!, second.operationId!]) {
      await execute(world.core, id, { laneBudgetMs: 3_000 });
      expect(await operation(id)).toMatchObject({ state: 'succeeded' });
    }
    const switches = await sent('PUT', /campaigns\/111$/);
    expect(switches.map(({ body }) => JSON.parse(body!).active)).toEqual([true, true, false]);
  });

  it('is refused with the provider’s reason, and at another provider’s connection', async () => {
    const long = { ...offer, description: 'К'.repeat(61) };
    expect(await write('createOffer', { body: long })).toMatchObject({
      status: 422,
      body: { code: 'validation-failed' },
    });
    const elsewhere = { ...recreativ, provider: 'pp' };
    await expect(
      world.write(kindOf('x.recreativ.createOffer'), elsewhere, { body: { query: {}, body: offer } }),
    ).rejects.toMatchObject({ code: 'not-found' });
    expect(() => kindOf('x.recreativ.noSuchThing')).toThrow(/No kind of write/);
  });
});

describe('lists of Recreativ', () => {
  it('have one id per customer on every page', async () => {
    const first = await listCustomers(world.core, recreativ, { limit: 3 }, terms);
    expect(first.data).toHaveLength(3);
    const rest = await listCustomers(world.core, recreativ, { limit: 3, cursor: first.next }, terms);
    const ids = [...first.data, ...rest.data].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(first.data[0]!.id).toBe((await anna()).id);
  });

  it('have stable ids for payouts without provider ids', async () => {
    const first = await listPayouts(world.core, recreativ, page, terms);
    expect(first.data.length).toBeGreaterThan(0);
    expect(new Set(first.data.map(({ id }) => id)).size).toBe(first.data.length);
    expect(first.data[0]).not.toHaveProperty('account');
    expect(await listPayouts(world.core, recreativ, page, terms)).toEqual(first);
  });

  const row = (status: string, date = '2026-11-20') => ({ date, wallet: 'WMZ', amount: 500, status });
  /** Our ids of the payouts where Recreativ lists these. */
  const idsOf = async (rows: object[], wish: Parameters<typeof listPayouts>[2] = page): Promise<string[]> => {
    const { send } = world.core;
    const listed: typeof send.send = async asked => {
      const sent = await send.send(asked);
      return sent.kind === 'answered' ? { ...sent, answer: { ...sent.answer, body: rows } } : sent;
    };
    const core = { ...world.core, send: { ...send, send: listed } };
    const ids: string[] = [];
    for (let cursor = wish.cursor, more = true; more; more = cursor !== undefined) {
      const { data, next } = await listPayouts(core, recreativ, { ...wish, cursor }, terms);
      ids.push(...data.map(({ id }) => id));
      cursor = next;
    }
    return ids;
  };

  it('have one id for each of several equal payouts, on every page and with every filter', async () => {
    const rows = [row('pending'), row('paid')];
    const [pending, paid] = await idsOf(rows);
    expect(pending).not.toBe(paid);
    expect(await idsOf(rows, { limit: 1 })).toEqual([pending, paid]);
    expect(await idsOf(rows, { ...page, status: 'paid' })).toEqual([paid]);
    expect(await idsOf(rows, { ...page, status: 'pending' })).toEqual([pending]);
  });

  it.each(['newest', 'oldest'])(
    'keep the ids of payouts where an equal one is added (%s first)',
    async first => {
      const other = row('paid', '2026-11-01');
      const listed = (rows: object[]) => idsOf(first === 'newest' ? rows : rows.toReversed());
      const before = await listed([row('pending'), row('paid'), other]);
      expect(new Set(before).size).toBe(3);
      const after = await listed([row('pending'), row('paid'), row('paid'), other]);
      expect(after.slice(1)).toEqual(before);
      expect(before).not.toContain(after[0]);
    },
  );

  it('include the tree, the partners and the statistics', async () => {
    const tree = await readTree(world.core, recreativ, {}, terms);
    expect(tree.levels[1]!.map(({ customerRef }) => customerRef)).toEqual(['6001', '6002', '6003', '6004']);
    const partners = await listPartners(world.core, recreativ, page, terms);
    expect(partners.data).toHaveLength(4);
    const range = { from: '2026-11-01', to: '2026-11-03' };
    const rows = await readStatistics(
      world.core,
      recreativ,
      { subject: 'campaigns', groupBy: 'none', ...range },
      terms,
    );
    expect(rows[0]).toMatchObject({ subject: 'campaigns', spend: { currency: 'RUB' } });
  });
});
