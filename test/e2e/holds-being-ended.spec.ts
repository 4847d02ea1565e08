import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OpenConnection, Sender, WriteAnswer } from '#outbound';
import { Scene, maria, oleg } from './holds-scene.js';

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

/** Begins a write whose request to LoyalClient has arrived, and whose answer the test lets through. */
async function begun(path: string, write: () => Promise<WriteAnswer>): Promise<() => Promise<WriteAnswer>> {
  const { core } = scene;
  const way = new EventEmitter();
  const [arrived, letThrough] = [once(way, 'arrived'), once(way, 'let through')];
  const late: Sender = {
    send: async request => {
      const sent = await core.send.send(request);
      if (request.url.endsWith(path)) {
        way.emit('arrived');
        await letThrough;
      }
      return sent;
    },
    close: () => undefined,
  };
  scene.core = { ...core, send: late };
  const written = write();
  scene.core = core;
  await arrived;
  return () => {
    way.emit('let through');
    return written;
  };
}

const state = async (id: string) => (await scene.read(id)).state;

it.each([
  ['of its point of sale', oleg, 'shop-1', {}, 'doubtful', 'doubtful'],
  ['of its customer elsewhere', maria, 'shop-2', {}, 'doubtful', 'doubtful'],
  ['of another customer elsewhere', oleg, 'shop-2', {}, 'active', 'active'],
  ['that names it', maria, 'shop-1', { redeem: '10' }, 'doubtful', 'consumed'],
] as const)('a hold beside a sale %s, in flight and answered', async (...story) => {
  const [, who, locationId, more, inFlight, after] = story;
  const { id } = await scene.held(shop, maria, { points: '10' });
  const holdIds = 'redeem' in more ? [id] : [];
  const answer = await begun('/retail', () => scene.buy(shop, who, { locationId, holdIds, ...more }));
  expect(await state(id)).toBe(inFlight);
  expect(await scene.told(id)).toEqual(['hold.created']);
  expect(await answer()).toMatchObject({ status: 201 });
  expect(await state(id)).toBe(after);
});

it('a hold beside a sale that was answered 429, and may have dropped it, is doubtful', async () => {
  const { core } = scene;
  const throttled: Sender = {
    send: async request => {
      const sent = await core.send.send(request);
      const isSale = request.url.endsWith('/retail') && sent.kind === 'answered';
      return isSale ? { ...sent, answer: { ...sent.answer, status: 429, body: undefined, text: '' } } : sent;
    },
    close: () => undefined,
  };
  const { id } = await scene.held(shop, maria, { points: '10' });
  scene.core = { ...core, send: throttled };
  const sale = await scene.buy(shop, oleg, { waitMs: 400 });
  scene.core = core;
  expect(sale).toMatchObject({ status: 202, body: { state: 'queued', outcome: 'unknown' } });
  expect(await state(id)).toBe('doubtful');
  expect(await scene.told(id)).toEqual(['hold.created']);
  await scene.held(shop, maria, { points: '10', locationId: 'shop-2' });
  expect(await scene.told(id)).toEqual(['hold.created', 'hold.doubtful']);
});

it('a hold whose release is in flight is doubtful until it is answered', async () => {
  const { id } = await scene.held(shop, maria, { points: '10' });
  const answer = await begun('/release', () => scene.release(shop, id));
  expect(await state(id)).toBe('doubtful');
  await answer();
  expect(await state(id)).toBe('released');
});

it.each([{ id: 'Hold not found.' }, { success: false, message: 'Hold not found' }])(
  'a hold that LoyalClient no longer knows is released: %j',
  async body => {
    const { core } = scene;
    const { id } = await scene.held(shop, maria, { points: '10' });
    scene.core = {
      ...core,
      send: {
        send: async request => {
          const sent = await core.send.send(request);
          if (!request.url.endsWith('/release') || sent.kind !== 'answered') return sent;
          return { ...sent, answer: { ...sent.answer, status: 422, body, text: JSON.stringify(body) } };
        },
        close: () => undefined,
      },
    };
    const answer = await scene.release(shop, id);
    scene.core = core;
    const release = { reason: 'customer left', verified: false };
    expect(answer).toMatchObject({ status: 200, body: { state: 'released', release } });
    expect(await scene.told(id)).toEqual(['hold.created', 'hold.released']);
  },
);

it('a hold is active again where the sale beside it was refused', async () => {
  const { id } = await scene.held(shop, maria, { points: '10' });
  const answer = await begun('/retail', () => scene.buy(shop, maria, { redeem: '5000' }));
  expect(await state(id)).toBe('doubtful');
  expect(await answer().catch(error => error)).toMatchObject({ status: 422 });
  expect(await state(id)).toBe('active');
  expect(await scene.told(id)).toEqual(['hold.created']);
});
