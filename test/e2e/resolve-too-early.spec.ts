import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveOperation } from '#outbound';
import { Scene, maria } from './holds-scene.js';

// No worker runs here: what is only taken in stays under way.
let scene: Scene;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

it('a person who settles too early is told what happens instead, and nothing of an outcome', async () => {
  const shop = await scene.world.connect('loyalclient');
  const { operationId } = await scene.buy(shop, maria, { waitMs: 0 });
  const person = { tenantId: scene.world.tenantId, actor: 'key_1', actorName: 'Anna' };
  const decide = () =>
    resolveOperation(scene.core, person, operationId!, { outcome: 'executed', note: 'Seen in the books.' });

  await expect(decide()).rejects.toMatchObject({
    code: 'state-conflict',
    detail: expect.stringContaining('is queued: it has not been sent'),
  });

  const { operations } = scene.core.stores;
  const tx = scene.core.database.direct;
  const row = (await operations.byId(tx, operationId!))!;
  const taken = await operations.claim(tx, row, { owner: 'gone', leaseMs: 60_000 }, { write: true });
  expect(taken).toHaveProperty('claim');
  await expect(decide()).rejects.toMatchObject({
    code: 'state-conflict',
    detail: expect.stringContaining('is dispatching: its answer may still come'),
  });
});
