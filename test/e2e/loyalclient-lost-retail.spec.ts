import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  forgetCustomer,
  operationOf,
  purchaseKind,
  reconcile,
  resolveOperation,
  settleDoubts,
} from '#outbound';
import type { OpenConnection, Sender } from '#outbound';
import type { Operation } from '#canonical';
import { Scene, anna, oleg, rub } from './holds-scene.js';
import type { Who } from './holds-scene.js';

const byCard: Who = { identifier: { type: 'card', value: '2200700112345678' } };

let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.world.control('reset', { provider: 'loyalclient' });
  shop = await scene.world.connect('loyalclient');
});

const retail = { provider: 'loyalclient', pathPattern: 'retail' };
const played = (fault: string, count = 1) => scene.world.control('faults', { ...retail, fault, count });
const operation = (id: string): Promise<Operation> =>
  operationOf(scene.core, scene.core.database.direct, scene.world.tenantId, id);
/** The purchase, as `GET /v1/purchases/{id}` shows it. */
async function purchase(operationId: string) {
  const { stores, database } = scene.core;
  const row = (await stores.operations.byId(database.direct, operationId))!;
  return purchaseKind.view(scene.core, database.direct, row);
}
const sent = async () =>
  (await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/retail')).length;

/** A spend with a lost answer; returns the operation's id. */
async function lost(fault: string, more: Parameters<Scene['buy']>[2] = { redeem: '100' }): Promise<string> {
  await played(fault);
  const answer = await scene.attempt(shop, anna, { total: '1000.00', ...more });
  await expect.poll(async () => (await operation(answer.operationId!)).state).toBe('unknown');
  return answer.operationId!;
}

/** Probes until a missing effect counts, with the settle time over. */
async function looked(id: string): Promise<Operation> {
  await scene.core.database.direct.query(
    `update operations set first_sent_at = first_sent_at - interval '61 s', last_sent_at = last_sent_at - interval '61 s' where id = $1`,
    [id],
  );
  for (let look = 0; look < 2; look++) await reconcile(scene.core, id);
  return operation(id);
}

const decide = (id: string, outcome: 'executed' | 'not-executed', waitMs?: number) => {
  const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'the chief', waitMs };
  return resolveOperation(scene.core, person, id, { outcome, note: 'seen in the cabinet' });
};

describe('a purchase at LoyalClient whose answer is lost', () => {
  it.each([
    ['commit-then-reset', 'needs-review', { redeem: '100' }],
    ['reset-before-reading', 'needs-review', { redeem: '100' }],
    ['reset-before-reading', 'needs-review', { redeem: '0' }],
  ])('%s: is sent once and goes to review, since a balance is weak evidence', async (fault, state, more) => {
    const id = await lost(fault, more);
    expect(await looked(id)).toMatchObject({ state, outcome: 'unknown', evidence: 'weak' });
    expect(await sent()).toBe(1);
  });

  it('stays a spend where an upgrade let it go on beside another one', async () => {
    const id = await lost('commit-then-reset');
    await scene.core.database.direct.query('update operations set spend = false where id = $1', [id]);
    expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
  });

  it('is not settled by a balance that another sale changed during the probe', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const id = await lost('reset-before-reading', { redeem: '0' });
    const { balances } = scene.core.stores;
    const moved: typeof balances.moved = async (...asked) => {
      const seen = await balances.moved(...asked);
      // The cashier repeats the sale just after the probe has asked for concurrent sales.
      expect((await scene.buy(shop, anna, { total: '1000.00', redeem: '0' })).status).toBe(201);
      Object.assign(beside.stores.balances, { moved: balances.moved.bind(balances) });
      return seen;
    };
    const stores = { ...scene.core.stores, balances: Object.assign(Object.create(balances), { moved }) };
    const beside = { ...scene.core, stores };
    await reconcile(beside, id);
    expect(await operation(id)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  });

  it.each([
    ['commit-then-reset', 'succeeded', 'executed'],
    ['reset-before-reading', 'rejected', 'not-executed'],
  ])('%s: is settled by the balance where the connection accepts it', async (fault, state, outcome) => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const id = await lost(fault);
    expect(await looked(id)).toMatchObject({ state, outcome, evidence: 'weak' });
    expect(await sent()).toBe(1);
  });

  it('is looked up on schedule, however often somebody looked before', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const id = await lost('reset-before-reading');
    for (let look = 0; look < 9; look++) await reconcile(scene.core, id);
    expect(await operation(id)).toMatchObject({ state: 'unknown', reconcile: { tries: 9 } });
    await scene.pass(61);
    await reconcile(scene.core, id);
    expect(await operation(id)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
  });

  it('is never settled by a matching balance that another purchase of the client changed', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const id = await lost('reset-before-reading', { redeem: '0', total: '1000.00' });
    // Exactly the 100 points that the lost purchase would have earned.
    expect((await scene.buy(shop, byCard, { total: '1000.00' })).status).toBe(201);
    expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'none' });
  });

  it('keeps its client from being erased, who would come back as somebody else and change the balance', async () => {
    const { stores, database } = scene.core;
    const id = await lost('reset-before-reading', { redeem: '0' });
    const { customerLock, tenantId } = (await stores.operations.byId(database.direct, id))!;
    const client = (await stores.customers.find(database.direct, tenantId, customerLock!))!;
    const line = { tenantId, actor: 'key_1', action: 'customer.forgotten', subject: client.id, detail: {} };
    const told = await forgetCustomer(scene.core, client, line).catch(error => error);
    expect((await scene.buy(shop, byCard, { total: '1000.00' })).status).toBe(201);
    expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'none' });
    expect(told).toMatchObject({ code: 'state-conflict', members: { operationId: id } });
  });

  it.each([
    ['the same key', 'an equal one, as if it were this', 'reset-before-reading', '0'],
    ['the same key', 'one that earns what this spent', 'commit-then-reset', '100'],
    ['the same address', 'an equal one, as if it were this', 'reset-before-reading', '0'],
  ] as const)(
    'is never settled by a balance that a sale over another connection with %s changed: %s',
    async (by, _what, fault, redeem) => {
      shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
      const web = await scene.beside(shop, by);
      const id = await lost(fault, { redeem });
      expect((await scene.buy(web, byCard, { total: '1000.00' })).status).toBe(201);
      expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'none' });
    },
  );

  it('is never settled by a balance that an unnamed hold changed', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    await scene.held(shop, byCard, { points: '100' });
    const id = await lost('reset-before-reading', { redeem: '100' });
    expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'none' });
  });

  it('is never settled by a balance to which the points of a hold may just have come back', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const hold = await scene.held(shop, byCard, { points: '100' });
    await scene.core.database.direct.query(
      `update holds set expires_at = now() - interval '1 second' where id = $1`,
      [hold.id],
    );
    expect(await scene.read(hold.id)).toMatchObject({ state: 'expired' });
    const id = await lost('reset-before-reading', { redeem: '0' });
    expect(await looked(id)).toMatchObject({ state: 'needs-review', evidence: 'none' });
  });

  it('is settled during purchases of other clients', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const id = await lost('commit-then-reset');
    expect((await scene.buy(shop, oleg)).status).toBe(201);
    expect(await looked(id)).toMatchObject({ state: 'succeeded', evidence: 'weak' });
  });

  it('blocks further spends of the client under any identifier, and no earn', async () => {
    const id = await lost('commit-then-reset');
    await looked(id);
    const further = await scene.buy(shop, byCard, { total: '1000.00', redeem: '50' });
    expect(further).toMatchObject({ status: 409, body: { code: 'customer-operation-unresolved' } });
    expect(await sent()).toBe(1);
    expect((await scene.buy(shop, byCard, { total: '1000.00' })).status).toBe(201);
    await decide(id, 'executed');
    expect((await scene.buy(shop, byCard, { total: '1000.00', redeem: '50' })).status).toBe(201);
  });
});

describe('a person who settles a purchase during a probe', () => {
  /** A probe whose answer the test releases. */
  async function looking(id: string): Promise<() => void> {
    let answer!: () => void;
    const answered = new Promise<void>(resolve => (answer = resolve));
    const { send } = scene.core;
    const late: Sender = {
      send: async request => {
        const sent = await send.send(request);
        await answered;
        return sent;
      },
      close: () => undefined,
    };
    const look = reconcile({ ...scene.core, send: late }, id);
    scene.core.background.run(look, error => expect.fail(String(error)));
    const owner = () =>
      scene.core.stores.operations.byId(scene.core.database.direct, id).then(row => row?.owner ?? null);
    await expect.poll(owner).not.toBeNull();
    return answer;
  }

  it('waits for the probe to end, then settles it', async () => {
    const id = await lost('commit-then-reset');
    const answer = await looking(id);
    const decided = decide(id, 'executed', 15_000);
    expect((await operation(id)).state).toBe('unknown');
    answer();
    await decided;
    const settled = await operation(id);
    expect(settled).toMatchObject({ state: 'succeeded', outcome: 'executed', evidence: 'none' });
    const { updatedAt } = settled;
    expect(await purchase(id)).toMatchObject({ state: 'succeeded', updatedAt });
  });

  it('gets an error when the probe takes too long, and changes nothing', async () => {
    const id = await lost('commit-then-reset');
    const answer = await looking(id);
    await expect(decide(id, 'executed')).rejects.toMatchObject({ code: 'state-conflict' });
    answer();
    await expect.poll(async () => (await operation(id)).state).toBe('needs-review');
  });
});

describe('a spend at LoyalClient in progress', () => {
  const lookUps = async () =>
    (await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/client')).length;
  const running = async (id: string): Promise<boolean> => (await operation(id)).state === 'dispatching';

  /** A spend that was sent, and whose answer the test releases. */
  async function hanging(): Promise<{ first: string; answer: () => void }> {
    const { core } = scene;
    let answer!: () => void;
    const answered = new Promise<void>(resolve => (answer = resolve));
    const late: Sender = {
      send: async request => {
        const sent = await core.send.send(request);
        if (request.url.endsWith('/retail')) await answered;
        return sent;
      },
      close: () => undefined,
    };
    scene.core = { ...core, send: late };
    const { operationId } = await scene.buy(shop, anna, { total: '1000.00', redeem: '100', waitMs: 1 });
    scene.core = core;
    await expect
      .poll(() => running(operationId!).then(async runs => runs && (await sent()) === 1))
      .toBe(true);
    return { first: operationId!, answer };
  }

  it('refuses another spend of the client within its wait, without repeated look-ups', async () => {
    const { first, answer } = await hanging();
    const before = await lookUps();
    const receipt = { total: rub('1000.00'), redeemPoints: '50' };
    const body = { ...byCard, merchantReference: 'further', receipt };
    const asked = { body, key: randomUUID(), waitMs: 1_500 };
    let further = await scene.world.write(purchaseKind, shop, asked);
    // On a slow machine the answer is not ready within the wait, and the next request under the key gets it.
    while (further.status === 202) further = await scene.world.write(purchaseKind, shop, asked);
    expect(further).toMatchObject({ status: 409, body: { code: 'customer-operation-unresolved' } });
    expect(await running(first)).toBe(true);
    expect(await lookUps()).toBe(before + 1);
    expect(await sent()).toBe(1);
    answer();
  });

  it('lets another spend run once it has ended, with the new balance', async () => {
    const { answer } = await hanging();
    const before = await lookUps();
    const further = scene.buy(shop, byCard, { total: '1000.00', redeem: '50' });
    await expect.poll(lookUps).toBe(before + 1);
    answer();
    expect(await further).toMatchObject({ status: 201 });
    expect(await sent()).toBe(2);
  });
});

describe('an earn at LoyalClient whose answer is lost', () => {
  const earn = { redeem: '0' };
  /** Probes each until a missing effect counts; unlike with a backdated row, none seems older than the others. */
  async function judged(...ids: string[]): Promise<Operation[]> {
    await scene.pass(61);
    for (const id of [...ids, ...ids]) await reconcile(scene.core, id);
    return Promise.all(ids.map(operation));
  }
  const earned = async (): Promise<number> =>
    (await scene.world.control('state?provider=loyalclient')).loyalclient.clients[0].balance - 878;

  it.each([
    ['commit-then-reset', 'needs-review', { state: 'succeeded', outcome: 'executed' }],
    ['reset-before-reading', 'needs-review', { state: 'needs-review', outcome: 'unknown' }],
    ['commit-then-reset', 'accept', { state: 'succeeded', outcome: 'executed' }],
    ['reset-before-reading', 'accept', { state: 'rejected', outcome: 'not-executed' }],
  ])('%s: by its balance, with `%s`, is %o', async (fault, onWeakEvidence, end) => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence });
    const id = await lost(fault, earn);
    expect(await judged(id)).toMatchObject([{ ...end, evidence: 'weak' }]);
    expect(await sent()).toBe(1);
    expect(await earned()).toBe(fault === 'commit-then-reset' ? 100 : 0);
  });

  it('blocks nothing, unknown or in review, and no earn waits for it', async () => {
    const id = await lost('commit-then-reset', earn);
    for (const again of [0, 1]) {
      for (const who of [anna, byCard]) {
        expect((await scene.buy(shop, who, { total: '1000.00', redeem: '50' })).status).toBe(201);
        expect((await scene.buy(shop, who, { total: '1000.00' })).status).toBe(201);
      }
      if (again === 0) expect((await operation(id)).state).toBe('unknown');
      expect(await judged(id)).toMatchObject([
        { state: 'needs-review', outcome: 'unknown', evidence: 'none' },
      ]);
    }
  });

  it('does not wait for an open spend, and neither is settled by the other', async () => {
    const spend = await lost('commit-then-reset', { redeem: '100' });
    const id = await lost('commit-then-reset', earn);
    const open = { state: 'needs-review', outcome: 'unknown', evidence: 'none' };
    expect(await judged(spend, id)).toMatchObject([open, open]);
    expect((await scene.buy(shop, anna, { total: '1000.00' })).status).toBe(201);
  });

  it.each([
    ['commit-then-reset', 'reset-before-reading'],
    ['reset-before-reading', 'commit-then-reset'],
  ])('never takes the points of another lost earn: %s, then %s', async (...faults) => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const ids = [await lost(faults[0], earn), await lost(faults[1], earn)];
    // The balance changed by exactly what either would have earned.
    expect(await earned()).toBe(100);
    const open = { state: 'needs-review', outcome: 'unknown', evidence: 'none' };
    expect(await judged(...ids)).toMatchObject([open, open]);
  });

  it.each(['executed', 'not-executed'] as const)(
    'is not settled by a possible late effect of another that a person settled as %s',
    async word => {
      shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
      await decide(await lost('reset-before-reading', earn), word);
      const id = await lost('commit-then-reset', earn);
      expect(await judged(id)).toMatchObject([{ state: 'needs-review', evidence: 'none' }]);
    },
  );

  it('keeps its reference until settled, and frees it when not executed', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
    const receipt = { total: { amount: '1000.00', currency: 'RUB' } };
    const body = { ...anna, merchantReference: `r-${randomUUID()}`, receipt };
    await played('reset-before-reading');
    const { operationId } = await scene.write(purchaseKind, shop, body, {}, 200);
    await expect.poll(async () => (await operation(operationId!)).state).toBe('unknown');
    expect((await scene.write(purchaseKind, shop, body, {}, 200)).status).not.toBe(201);
    expect(await judged(operationId!)).toMatchObject([{ state: 'rejected' }]);
    expect((await scene.write(purchaseKind, shop, body)).status).toBe(201);
    expect(await earned()).toBe(100);
  });
});

describe('a person’s resolution', () => {
  it.each([
    ['executed', 'succeeded', 'consumed', 'doubtful'],
    ['not-executed', 'rejected', 'active', 'active'],
  ] as const)(
    '%s: settles the purchase and its holds, is audited and told',
    async (outcome, state, named, other) => {
      const own = await scene.held(shop, anna, { points: '100' });
      const beside = await scene.held(shop, anna, { points: '50' });
      const id = await lost('reset-before-reading', { redeem: '100', holdIds: [own.id] });
      expect(await scene.read(own.id)).toMatchObject({ state: 'doubtful' });
      expect(await scene.read(beside.id)).toMatchObject({ state: 'doubtful' });
      await looked(id);
      await decide(id, outcome);
      await decide(id, outcome);
      expect(await operation(id)).toMatchObject({ state, evidence: 'none' });
      expect(await scene.read(own.id)).toMatchObject({ state: named });
      expect(await scene.read(beside.id)).toMatchObject({ state: other });
      expect((await scene.told(id)).at(-1)).toBe('operation.resolved');
      const audit = await scene.core.database.direct.query(
        'select action from audit_log where subject = $1',
        [id],
      );
      expect(audit).toEqual([{ action: 'operation.resolved' }]);
      const last = state === 'succeeded' ? 'hold.consumed' : 'hold.active';
      expect(await scene.told(own.id)).toEqual(['hold.created', 'hold.doubtful', last]);
      await scene.pass(3);
      await settleDoubts(scene.core);
      expect(await scene.read(beside.id)).toMatchObject({ state: 'active' });
    },
  );

  it('is not applied if the audit log could not be written', async () => {
    const id = await lost('reset-before-reading');
    await looked(id);
    const journal = Object.assign(Object.create(scene.core.stores.journal), {
      audit: () => Promise.reject(new Error('the disk is full')),
    });
    const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'the chief' };
    const core = { ...scene.core, stores: { ...scene.core.stores, journal } };
    const word = { outcome: 'executed', note: 'seen in the cabinet' } as const;
    await expect(resolveOperation(core, person, id, word)).rejects.toThrow('the disk is full');
    expect(await operation(id)).toMatchObject({ state: 'needs-review', outcome: 'unknown' });
  });

  it('frees the merchant’s reference when not executed', async () => {
    const body = {
      ...anna,
      merchantReference: `r-${randomUUID()}`,
      receipt: { total: { amount: '10.00', currency: 'RUB' } },
    };
    await played('reset-before-reading');
    const first = await scene.write(purchaseKind, shop, body, {}, 200);
    await expect.poll(async () => (await operation(first.operationId!)).state).toBe('unknown');
    await decide(first.operationId!, 'not-executed');
    expect((await scene.write(purchaseKind, shop, body)).status).toBe(201);
  });
});
