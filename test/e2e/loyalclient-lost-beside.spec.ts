import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { operationOf, reconcile } from '#outbound';
import type { OpenConnection, Sender } from '#outbound';
import type { Hold, Operation } from '#canonical';
import { Scene, anna } from './holds-scene.js';

let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.world.control('reset', { provider: 'loyalclient' });
  await scene.pass(0);
  shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'accept' });
});

const operation = (id: string): Promise<Operation> =>
  operationOf(scene.core, scene.core.database.direct, scene.world.tenantId, id);

type Sale = NonNullable<Parameters<Scene['buy']>[2]>;

/** A sale of the client at `shop-1` with a lost answer; returns the operation's id. */
async function lost(fault: string, sale: Sale): Promise<string> {
  await scene.world.control('faults', { provider: 'loyalclient', pathPattern: 'retail', fault, count: 1 });
  const { operationId } = await scene.attempt(shop, anna, { total: '1000.00', ...sale });
  await expect.poll(async () => (await operation(operationId!)).state).toBe('unknown');
  return operationId!;
}

/** Looks until a missing effect counts, with the settle time over. */
async function looked(id: string): Promise<Operation> {
  await reconcile(scene.core, id);
  await scene.pass(61);
  for (let look = 0; look < 2; look++) await reconcile(scene.core, id);
  return operation(id);
}

/** The next call with such a path is answered 429 although it had its effect. */
function throttleAfterEffect(sender: Sender, path: string): void {
  const send = sender.send.bind(sender);
  const spy = vi.spyOn(sender, 'send').mockImplementation(async asked => {
    const sent = await send(asked);
    if (!asked.url.includes(path) || sent.kind !== 'answered') return sent;
    spy.mockRestore();
    return { ...sent, answer: { ...sent.answer, status: 429, body: undefined, text: '' } };
  });
}

const sales = { spend: { redeem: '100' }, earn: { redeem: '0' } };
const booked = { state: 'succeeded', outcome: 'executed', evidence: 'weak' };
const notBooked = { state: 'rejected', outcome: 'not-executed', evidence: 'weak' };
const forReview = { state: 'needs-review', outcome: 'unknown', evidence: 'none' };

describe('a sale at LoyalClient whose answer is lost, beside one hold of its client', () => {
  const held = (locationId: string, durationSeconds = 600): Promise<Hold> =>
    scene.held(shop, anna, { points: '300', locationId, durationSeconds });

  it.each([
    ['spend', 'commit-then-reset', 'shop-3', booked],
    ['spend', 'commit-then-reset', 'shop-1', booked],
    ['spend', 'reset-before-reading', 'shop-3', notBooked],
    ['spend', 'reset-before-reading', 'shop-1', notBooked],
    ['earn', 'commit-then-reset', 'shop-3', booked],
    ['earn', 'commit-then-reset', 'shop-1', booked],
    ['earn', 'reset-before-reading', 'shop-3', notBooked],
  ] as const)('%s, %s, held at %s: is settled', async (sale, fault, point, end) => {
    await held(point);
    expect(await looked(await lost(fault, sales[sale]))).toMatchObject(end);
  });

  it('is settled with the hold that it names, whichever the other is', async () => {
    await held('shop-3');
    const own = await scene.held(shop, anna, { points: '100' });
    const id = await lost('commit-then-reset', { redeem: '100', holdIds: [own.id] });
    expect(await looked(id)).toMatchObject(booked);
    expect(await scene.read(own.id)).toMatchObject({ state: 'consumed' });
  });

  it('is settled for a merchant who leaves weak evidence to a person only where nothing was spent', async () => {
    shop = await scene.world.connect('loyalclient', { onWeakEvidence: 'needs-review' });
    await held('shop-3');
    expect(await looked(await lost('commit-then-reset', sales.earn))).toMatchObject(booked);
    const spend = await lost('commit-then-reset', sales.spend);
    expect((await looked(spend)).state).toBe('needs-review');
  });

  it.each([
    ['a hold that was released meanwhile', async (hold: Hold) => void (await scene.release(shop, hold.id))],
    ['a hold that has ended meanwhile by time', async () => scene.pass(601)],
    ['a hold and another sale', async () => void (await scene.buy(shop, anna, { total: '500.00' }))],
    ['a hold and another one made since', async () => void (await held('shop-2'))],
  ])('goes to a person beside %s', async (_what, meanwhile) => {
    const hold = await held('shop-3');
    const id = await lost('commit-then-reset', sales.earn);
    await meanwhile(hold);
    expect(await looked(id)).toMatchObject(forReview);
  });

  it('goes to a person beside two holds', async () => {
    await held('shop-2');
    await held('shop-3');
    expect(await looked(await lost('commit-then-reset', sales.earn))).toMatchObject(forReview);
  });

  it('goes to a person beside a hold that another sale may have ended before', async () => {
    await held('shop-3');
    await scene.buy(shop, anna, { total: '10.00', locationId: 'shop-2' });
    expect(await looked(await lost('commit-then-reset', sales.earn))).toMatchObject(forReview);
  });

  it.each(['that it names', 'that was released before'])(
    'goes to a person beside a hold %s, if that was asked for twice: it may stand twice',
    async which => {
      const { id, customerId } = await scene.held(shop, anna, { points: '1' });
      await scene.release(shop, id);
      throttleAfterEffect(scene.core.send, 'bonuses/hold');
      const hold = await scene.held(shop, { customerId: customerId! }, { points: '100' });
      const named = which === 'that it names';
      if (!named) expect((await scene.release(shop, hold.id)).status).toBe(200);
      // Ends both holds: the points of the one that nobody knows come back.
      const sale = { ...sales.spend, ...(named && { holdIds: [hold.id] }) };
      expect(await looked(await lost('commit-then-reset', sale))).toMatchObject(forReview);
    },
  );

  it('is not settled while the hold is released during the look', async () => {
    const hold = await held('shop-3');
    const id = await lost('commit-then-reset', sales.earn);
    const { balances } = scene.core.stores;
    const beside: typeof balances.beside = async (...asked) => {
      const known = await balances.beside(...asked);
      Object.assign(looking, { beside: balances.beside.bind(balances) });
      expect((await scene.release(shop, hold.id)).status).toBe(200);
      return known;
    };
    const looking = Object.assign(Object.create(balances), { beside });
    await reconcile({ ...scene.core, stores: { ...scene.core.stores, balances: looking } }, id);
    expect((await operation(id)).state).not.toBe('succeeded');
  });
});

describe('a sale at LoyalClient whose answer is lost, beside one proven sale of its client', () => {
  it.each([
    ['commit-then-reset', booked],
    ['reset-before-reading', notBooked],
  ])('%s: is settled', async (fault, end) => {
    const id = await lost(fault, sales.earn);
    expect((await scene.buy(shop, anna, { total: '1000.00', redeem: '250' })).status).toBe(201);
    expect(await looked(id)).toMatchObject(end);
  });

  it.each([
    ['that moved as many points', { total: '1000.00' }],
    ['with a hold of its own', { total: '1000.00', redeem: '50' }],
  ])('goes to a person beside one %s', async (_what, sale) => {
    const hold = 'redeem' in sale && (await scene.held(shop, anna, { points: '50' }));
    const id = await lost('commit-then-reset', sales.earn);
    await scene.buy(shop, anna, { ...sale, ...(hold && { holdIds: [hold.id] }) });
    expect(await looked(id)).toMatchObject(forReview);
  });

  it('goes to a person where its figures contradict each other', async () => {
    const id = await lost('commit-then-reset', sales.earn);
    const { operationId } = await scene.buy(shop, anna, { total: '500.00' });
    await scene.core.database.direct.query(
      `update purchases set warnings = '[{"code":"provider-figures-differ","detail":"?"}]' where operation_id = $1`,
      [operationId],
    );
    expect(await looked(id)).toMatchObject(forReview);
  });
});
