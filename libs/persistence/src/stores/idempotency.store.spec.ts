import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptedOperation, openOneConnection } from '../../../../test/support/one-connection.js';
import type { OneConnection } from '../../../../test/support/one-connection.js';
import { CustomerStore } from './customer.store.js';
import { IdempotencyStore } from './idempotency.store.js';
import { OperationStore } from './operation.store.js';

let one: OneConnection;
const keys = new IdempotencyStore();

beforeAll(async () => {
  one = await openOneConnection(2);
  const by = { owner: 'me', leaseMs: 60_000 };
  await new OperationStore().addClaimed(
    one.database.direct,
    { ...acceptedOperation, resourceId: 'anna' },
    by,
  );
});
afterAll(() => one.close());

const row = (key: string, operationId?: string) => ({
  tenantId: 'ten_1',
  key,
  fingerprint: 'its',
  operationId,
});
const find = (key: string) => keys.find(one.database.direct, 'ten_1', key);
const answer = (key: string, status: number) =>
  keys.answer(one.database.direct, { tenantId: 'ten_1', key }, { status, body: Buffer.from(`${status}`) });

it('a key is whose it was first, and repeats the first answer', async () => {
  expect(await keys.take(one.database.direct, row('first'))).toBeNull();
  expect(await keys.take(one.database.direct, { ...row('first'), fingerprint: 'another' })).toMatchObject({
    fingerprint: 'its',
    status: null,
  });
  await answer('first', 201);
  await answer('first', 409);
  expect(await find('first')).toMatchObject({ status: 201, body: Buffer.from('201') });
});

it('an answer that names a person is not kept once that person was forgotten', async () => {
  const { direct } = one.database;
  await direct.query(
    `insert into customers (id, tenant_id, connection_id) values ('anna', 'ten_1', 'con_1')`,
  );
  await keys.add(direct, row('anna’s', 'opr_1'));
  await new CustomerStore().erase(direct, 'ten_1', 'anna');
  await answer('anna’s', 201);
  expect(await find('anna’s')).toMatchObject({ body: null });
});

it('a key is free again only where nothing was accepted under it and nothing was answered', async () => {
  const { direct } = one.database;
  await Promise.all([keys.add(direct, row('refused')), keys.add(direct, row('answered'))]);
  await Promise.all([keys.add(direct, row('accepted', 'opr_1')), answer('answered', 201)]);
  for (const key of ['refused', 'answered', 'accepted']) await keys.release(direct, 'ten_1', key);
  expect(await find('refused')).toBeNull();
  expect(await find('answered')).toMatchObject({ status: 201 });
  expect(await find('accepted')).toMatchObject({ operationId: 'opr_1' });
});
