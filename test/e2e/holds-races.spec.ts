import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelOperation, execute, quote, resolveOperation } from '#outbound';
import type { OpenConnection, WriteAnswer } from '#outbound';
import { Scene, maria, oleg, rub } from './holds-scene.js';

// No worker runs here: accepted operations stay queued until run by hand.
let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  await scene.world.control('reset', { provider: 'loyalclient', options: {} });
  shop = await scene.world.connect('loyalclient');
});

const UNDER_WAY = { code: 'state-conflict', members: { detail: expect.stringContaining('under way') } };
const run = ({ operationId }: WriteAnswer) => execute(scene.core, operationId!, { laneBudgetMs: 5_000 });
const inTheBooks = async () =>
  (await scene.world.effects('loyalclient')).filter(({ type }) => type !== 'hold').map(({ type }) => type);

describe('a sale and a release of one hold', () => {
  it('the sale first: nothing is released, and the hold is consumed', async () => {
    const { id } = await scene.held(shop, maria, { points: '10' });
    const sale = await scene.buy(shop, maria, { redeem: '10', holdIds: [id], waitMs: 0 });
    await expect(scene.release(shop, id)).rejects.toMatchObject(UNDER_WAY);
    await run(sale);
    expect(await scene.read(id)).toMatchObject({ state: 'consumed' });
    expect(await inTheBooks()).toEqual(['purchase']);
  });

  it('the release first: the sale cannot use it', async () => {
    const { id } = await scene.held(shop, maria, { points: '10' });
    const release = await scene.release(shop, id, 0);
    await expect(scene.release(shop, id)).rejects.toMatchObject(UNDER_WAY);
    await expect(scene.buy(shop, maria, { redeem: '10', holdIds: [id] })).rejects.toMatchObject(UNDER_WAY);
    await run(release);
    expect(await scene.read(id)).toMatchObject({ state: 'released' });
    expect(await inTheBooks()).toEqual(['release']);
  });

  it('the release cancelled: the sale can use the hold again', async () => {
    const { id } = await scene.held(shop, maria, { points: '10' });
    const release = await scene.release(shop, id, 0);
    await cancelOperation(scene.core, scene.world.tenantId, release.operationId!);
    expect((await scene.buy(shop, maria, { redeem: '10', holdIds: [id] })).status).toBe(201);
    expect(await scene.read(id)).toMatchObject({ state: 'consumed' });
  });
});

describe('a hold that is still being made', () => {
  const BEING_MADE = {
    code: 'state-conflict',
    members: { detail: expect.stringContaining('still being made') },
  };
  const idOf = ({ body }: WriteAnswer) => (body as { resource: { id: string } }).resource.id;
  const retailed = async () =>
    (await scene.world.journal('loyalclient')).filter(({ path }) => path.endsWith('/retail'));

  it('queued: no sale goes out without it, and it is not left behind by one', async () => {
    const asked = await scene.hold(shop, maria, { points: '10' }, 0);
    const id = idOf(asked);
    await expect(scene.buy(shop, maria, { redeem: '10', holdIds: [id] })).rejects.toMatchObject(BEING_MADE);
    const receipt = { total: rub('100.00'), redeemPoints: '10' };
    const priced = quote(scene.core, shop, { ...maria, receipt, holdIds: [id] } as never, { waitMs: 25_000 });
    await expect(priced).rejects.toMatchObject(BEING_MADE);
    expect(await retailed()).toEqual([]);
    await run(asked);
    expect((await scene.release(shop, id)).status).toBe(200);
    expect(await scene.read(id)).toMatchObject({ state: 'released' });
  });

  it('its answer on the way: the sale can name it once that has come', async () => {
    const fault = { pathPattern: 'hold', fault: 'late-answer', params: { delayMs: 6_000 }, count: 1 };
    await scene.world.control('faults', { provider: 'loyalclient', ...fault });
    const id = idOf(await scene.hold(shop, maria, { points: '1250' }, 200));
    const sale = { total: '1000.00', redeem: '300', holdIds: [id] };
    await expect(scene.buy(shop, maria, sale)).rejects.toMatchObject(BEING_MADE);
    await expect.poll(async () => (await scene.read(id)).state).toBe('active');
    expect((await scene.buy(shop, maria, sale)).status).toBe(201);
    const [line] = await retailed();
    expect(JSON.parse(line!.body!).hold).toHaveLength(1);
    expect(await scene.read(id)).toMatchObject({ state: 'consumed' });
  });
});

describe('the release of a hold that is still being made', () => {
  const refused = (detail: string) => ({
    code: 'state-conflict',
    members: { detail: expect.stringContaining(detail) },
  });

  it('queued: says how it is withdrawn', async () => {
    const { operationId, body } = await scene.hold(shop, maria, { points: '10' }, 0);
    const { id } = (body as { resource: { id: string } }).resource;
    const withdrawal = `POST /v1/operations/${operationId}/cancel`;
    await expect(scene.release(shop, id)).rejects.toMatchObject(refused(withdrawal));
    await cancelOperation(scene.core, scene.world.tenantId, operationId!);
    expect(await scene.read(id)).toMatchObject({ state: 'released', release: { reason: 'never made' } });
    expect(await scene.world.effects('loyalclient')).toEqual([]);
  });

  it('on its way: says that its answer may still come, and releases it then', async () => {
    const fault = { pathPattern: 'hold', fault: 'late-answer', params: { delayMs: 6_000 }, count: 1 };
    await scene.world.control('faults', { provider: 'loyalclient', ...fault });
    const { body } = await scene.hold(shop, maria, { points: '10' }, 200);
    const { id } = (body as { resource: { id: string } }).resource;
    await expect(scene.release(shop, id)).rejects.toMatchObject(refused('its answer may still come'));
    await expect.poll(async () => (await scene.read(id)).state).toBe('active');
    expect((await scene.release(shop, id)).status).toBe(200);
  });
});

it('a hold that could not be sent before its time is over is never made', async () => {
  const asked = await scene.hold(shop, maria, { points: '10', durationSeconds: 600 }, 0);
  const { id } = (asked.body as { resource: { id: string } }).resource;
  await scene.pass(601);
  await run(asked);
  expect(await scene.world.journal('loyalclient')).toEqual([]);
  expect(await scene.read(id)).toMatchObject({ state: 'released', release: { reason: 'never made' } });
});

it('concurrent tills get the expiry of a hold without waiting for each other', async () => {
  const { id } = await scene.held(shop, maria, { points: '10', durationSeconds: 60 });
  await scene.pass(61);
  const told = await Promise.allSettled(Array.from({ length: 30 }, () => scene.release(shop, id)));
  const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'hold-expired' }) };
  expect(told).toEqual(told.map(() => refused));
  expect(await scene.read(id)).toMatchObject({ state: 'expired' });
});

it('a hold endangered by other sales stays doubtful until the last of them was not executed, whatever becomes of the one that names it', async () => {
  const { id } = await scene.held(shop, maria, { points: '10' });
  const { operations } = scene.core.stores;
  const tx = scene.core.database.direct;
  const sent = async (sale: WriteAnswer) => {
    const row = (await operations.byId(tx, sale.operationId!))!;
    const taken = await operations.claim(tx, row, { owner: 'gone', leaseMs: 60_000 }, { write: true });
    if (!('claim' in taken)) throw new Error(taken.blocked);
    return taken.claim;
  };
  const naming = await sent(await scene.buy(shop, maria, { redeem: '10', holdIds: [id], waitMs: 0 }));
  const others = [0, 1].map(async () => sent(await scene.buy(shop, oleg, { waitMs: 0 })));
  const [one, last] = await Promise.all(others);
  await scene.held(shop, maria, { points: '5' });
  expect(await scene.read(id)).toMatchObject({ state: 'doubtful' });

  const settled = async ({ id: operationId, fence }: typeof naming) => {
    const lost = { state: 'needs-review', outcome: 'unknown', evidence: 'none' } as const;
    await operations.settle(tx, { id: operationId, fence }, lost);
    const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'Anna' };
    const word = { outcome: 'not-executed', note: 'Not in the books.' } as const;
    await resolveOperation(scene.core, person, operationId, word);
  };
  for (const sale of [naming, one!]) {
    await settled(sale);
    expect(await scene.read(id)).toMatchObject({ state: 'doubtful' });
  }
  await settled(last!);
  expect(await scene.read(id)).toMatchObject({ state: 'active' });
});

it('a hold is endangered too by a new one over another connection with the same key, and by a sale there', async () => {
  const web = await scene.beside(shop);
  const { id } = await scene.held(shop, maria, { points: '10' });
  const { operations } = scene.core.stores;
  const tx = scene.core.database.direct;
  const sale = await scene.buy(web, oleg, { waitMs: 0 });
  const row = (await operations.byId(tx, sale.operationId!))!;
  await operations.claim(tx, row, { owner: 'gone', leaseMs: 60_000 }, { write: true });
  await scene.held(web, maria, { points: '5' });
  expect(await scene.read(id)).toMatchObject({ state: 'doubtful' });
});

it('a hold is left alone by a sale over a connection with another key', async () => {
  const other = await scene.world.connect('loyalclient');
  const { id } = await scene.held(shop, maria, { points: '10' });
  expect((await scene.buy(other, oleg)).status).toBe(201);
  expect(await scene.told(id)).toEqual(['hold.created']);
});

it('a hold is released once a person says that a lost release was executed', async () => {
  const { id } = await scene.held(shop, maria, { points: '10' });
  const release = await scene.release(shop, id, 0);
  const { operations } = scene.core.stores;
  const tx = scene.core.database.direct;
  const row = (await operations.byId(tx, release.operationId!))!;
  const taken = await operations.claim(tx, row, { owner: 'gone', leaseMs: 1_000 }, { write: true });
  if (!('claim' in taken)) throw new Error(taken.blocked);
  await operations.settle(tx, taken.claim, { state: 'needs-review', outcome: 'unknown', evidence: 'none' });
  const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'Anna' };
  await resolveOperation(scene.core, person, row.id, { outcome: 'executed', note: 'Seen in the books.' });
  expect(await scene.read(id)).toMatchObject({ state: 'released', release: { verified: false } });
});

it.each(['executed', 'not-executed'] as const)(
  'a hold whose release was lost for good is doubtful until a person decides: %s',
  async outcome => {
    const { id } = await scene.held(shop, maria, { points: '10' });
    const release = await scene.release(shop, id, 0);
    await scene.core.database.direct.query('update operations set attempts = 9 where id = $1', [
      release.operationId,
    ]);
    const fault = { pathPattern: 'release', fault: 'commit-then-reset', count: 1 };
    await scene.world.control('faults', { provider: 'loyalclient', ...fault });
    await run(release);
    expect(await scene.read(id)).toMatchObject({ state: 'doubtful' });

    const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'Anna' };
    const word = { outcome, note: 'Seen in the books.' };
    await resolveOperation(scene.core, person, release.operationId!, word);
    const end = outcome === 'executed' ? 'released' : 'active';
    expect(await scene.read(id)).toMatchObject({ state: end });
    expect(await scene.told(id)).toEqual(['hold.created', 'hold.doubtful', `hold.${end}`]);
  },
);
