import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { payoutKind } from '../kinds/payout.kind.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { forgetOld } from './retention.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres' });
});
afterAll(() => world.close());

it('forgets keys, kept answers and the call log when their time is over, and keeps what was booked', async () => {
  const { core } = world;
  const uds = await world.connect('uds');
  const body = {
    identifier: { type: 'code', value: '123456' },
    merchantReference: 'old',
    receipt: { total: { amount: '10.00', currency: 'RUB' } },
  };
  const booked = await world.write(purchaseKind, uds, { body, key: randomUUID() });
  await core.background.drain(5_000);
  const age = `now() - interval '31 days'`;
  await core.database.direct.query(`update idempotency_keys set created_at = ${age}`);
  await core.database.direct.query(`update provider_calls set at = ${age}`);
  await core.database.direct.query(`update operations set finished_at = ${age}, result = '{"sealed":"x"}'`);
  await forgetOld(core);
  const count = async (sql: string) =>
    Number((await core.database.direct.query(`select count(*) as n from ${sql}`))[0].n);
  expect(await count('idempotency_keys')).toBe(0);
  expect(await count('provider_calls')).toBe(0);
  expect(await count('operations where result is not null')).toBe(0);
  expect(await count(`purchases where operation_id = '${booked.operationId}'`)).toBe(1);
});

it('forgets the rest where one part cannot be removed, and says so', async () => {
  const { core } = world;
  const told: string[] = [];
  const idempotency = Object.assign(Object.create(core.stores.idempotency), {
    prune: () => Promise.reject(new Error('too many')),
  });
  await core.database.direct.query(`update operations set result = '{"sealed":"x"}'`);
  await forgetOld({
    ...core,
    stores: { ...core.stores, idempotency },
    log: (_level, message) => told.push(message),
  });
  const kept = await core.database.direct.query('select 1 from operations where result is not null');
  expect(kept).toEqual([]);
  expect(told).toEqual(['idempotency keys whose time is over could not be removed']);
});

it('keeps the key of what has no end yet: it is all that tells a repeat from a second payout', async () => {
  const { core } = world;
  const pp = await world.connect('pp');
  const asked = { body: { methodId: '1', account: 'U1234567' }, key: randomUUID() };
  const first = await world.write(payoutKind, pp, { ...asked, waitMs: 0 });
  await core.database.direct.query(`update operations set state = 'needs-review' where id = $1`, [
    first.operationId,
  ]);
  await core.database.direct.query(`update idempotency_keys set created_at = now() - interval '31 days'`);
  await forgetOld(core);
  expect(await world.write(payoutKind, pp, asked)).toMatchObject({
    status: 202,
    replayed: true,
    operationId: first.operationId,
  });
});
