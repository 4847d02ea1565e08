import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalForm } from '#canonical';
import { canonicalJson } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let gateway: TestGateway;
let shop: OpenConnection;

beforeAll(async () => {
  world = await startWorld({ store: 'postgres' });
  gateway = await startGateway(world);
  shop = await world.connect('uds');
});
afterAll(async () => {
  await gateway?.close();
  await world?.close();
});

const sale = (merchantReference: string, amount: string, redeemPoints = '0') => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference,
  receipt: { total: { amount, currency: 'RUB' }, redeemPoints },
});

const buy = (key: string, body: object) =>
  gateway.ask({
    method: 'POST',
    path: '/v1/purchases',
    body,
    headers: { 'idempotency-key': key, 'gateway-connection': shop.id, prefer: 'wait=20' },
  });

it('another notation of a sum is the same request, under its key and under its reference', async () => {
  const first = await buy('sums-under-one-key', sale('sums-1', '100.5'));
  expect(first).toMatchObject({ status: 201, body: { receipt: { total: { amount: '100.50' } } } });
  const again = await buy('sums-under-one-key', sale('sums-1', '100.50', '0.0'));
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers['idempotency-replayed']).toBe('true');
  const matched = await buy('sums-under-another', sale('sums-1', '100.50', '0.00'));
  expect(matched).toMatchObject({ status: 200, body: { id: first.body.id } });
  const other = await buy('sums-under-one-key', sale('sums-1', '100.51'));
  expect(other).toMatchObject({
    status: 422,
    body: {
      code: 'idempotency-key-reused',
      outcome: 'not-executed',
      operationId: first.body.operationId,
      userMessage: expect.stringContaining('may have gone through; this one was not executed'),
    },
  });
  const taken = await buy('sums-under-a-third', sale('sums-1', '100.51'));
  expect(taken).toMatchObject({ status: 409, body: { code: 'duplicate-reference' } });
});

// Earlier versions stored a hash without a key, first of the body as it was sent, later of its sums in one notation.
it.each([
  ['as-it-was-sent', (body: object): unknown => body],
  ['in-one-notation', canonicalForm],
])('a request stored by an earlier version (%s) still matches', async (how, form) => {
  const body = sale(`sums-${how}`, '100.5');
  const key = `stored-by-an-earlier-version-${how}`;
  const first = await buy(key, body);
  expect(first.status).toBe(201);
  const asked = { kind: 'createPurchase', connection: shop.id, params: {}, body: form(body) };
  const earlier = createHash('sha256').update(canonicalJson(asked)).digest('hex');
  const { direct } = world.core.database;
  await direct.query('update idempotency_keys set fingerprint = $2 where key = $1', [key, earlier]);
  await direct.query('update operations set content_hash = $2 where id = $1', [
    first.body.operationId,
    earlier,
  ]);
  expect(await buy(key, body)).toMatchObject({ status: 201, body: first.body });
  expect(await buy(`under-a-new-key-${how}`, body)).toMatchObject({
    status: 200,
    body: { id: first.body.id },
  });
});
