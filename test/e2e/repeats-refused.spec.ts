import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const identifier = { type: 'phone', value: '+79990000002' };
const total = { amount: '1000.00', currency: 'RUB' };

let world: World;
let gateway: TestGateway;
let shop: OpenConnection;
let sales = 0;

beforeAll(async () => {
  world = await startWorld({ store: 'postgres' });
  gateway = await startGateway(world);
});
afterAll(async () => {
  await gateway?.close();
  await world?.close();
});
beforeEach(async () => {
  shop = await world.connect('uds');
});

interface Write {
  path: string;
  body: object;
  idempotencyKey: string;
  connection?: string;
  key?: string;
}

const send = ({ path, body, idempotencyKey, connection, key }: Write, headers: Record<string, string> = {}) =>
  gateway.ask({
    method: 'POST',
    path,
    body,
    ...(key !== undefined && { key }),
    headers: {
      'idempotency-key': idempotencyKey,
      prefer: 'wait=20',
      ...(connection !== undefined && { 'gateway-connection': connection }),
      ...headers,
    },
  });

/** A sale unique to one test. */
function sale(more: Partial<Write> = {}): Write {
  const name = `repeated-sale-no-${++sales}`;
  const body = { identifier, merchantReference: name, receipt: { total } };
  return { path: '/v1/purchases', body, idempotencyKey: name, connection: shop.id, ...more };
}

async function sold(write: Write) {
  const told = await send(write);
  expect(told.status, JSON.stringify(told.body)).toBe(201);
  return told;
}

const forget = async ({ id }: OpenConnection) =>
  expect((await gateway.ask({ method: 'DELETE', path: `/v1/connections/${id}` })).status).toBe(204);

it.each(['id', 'slug'] as const)(
  'a repeated sale gets its answer after its connection, by %s, was deleted',
  async by => {
    const write = sale({ connection: shop[by] });
    const first = await sold(write);
    await forget(shop);
    const again = await send(write);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers['idempotency-replayed']).toBe('true');
  },
);

it('after its connection was deleted, nothing is accepted or sent', async () => {
  const write = sale();
  await sold(write);
  await forget(shop);
  const before = (await world.journal('uds')).length;
  const fresh = await send(sale());
  expect(fresh).toMatchObject({ status: 404, body: { code: 'not-found', outcome: 'not-executed' } });
  const other = await send({ ...write, body: { ...write.body, locationId: 'elsewhere' } });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  const lookup = await send({ ...write, path: '/v1/customers/lookup', body: { identifier } });
  expect(lookup).toMatchObject({ status: 404, body: { code: 'not-found' } });
  const elsewhere = await send({ ...write, connection: 'another-shop' });
  expect(elsewhere).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(await world.journal('uds')).toHaveLength(before);
});

it.each(['id', 'slug'] as const)(
  'a sale is found by its reference under a new key after its connection, by %s, was deleted',
  async by => {
    const write = sale({ connection: shop[by] });
    const first = await sold(write);
    await forget(shop);
    const before = (await world.journal('uds')).length;
    const again = await send({ ...write, idempotencyKey: `new-key-by-${by}-of-a-sale` });
    expect(again).toMatchObject({ status: 200, body: first.body });
    const other = { ...write, body: { ...write.body, locationId: 'elsewhere' } };
    expect(await send({ ...other, idempotencyKey: `new-key-by-${by}-of-another` })).toMatchObject({
      status: 409,
      body: { code: 'duplicate-reference' },
    });
    expect(await world.journal('uds')).toHaveLength(before);
  },
);

it('a repeated refund gets its answer after the connection was deleted', async () => {
  const { body: purchase } = await sold(sale());
  const path = `/v1/purchases/${purchase.id}/refunds`;
  const refund = sale({ path, body: { merchantReference: `back-${purchase.id}` } });
  const first = await sold(refund);
  await forget(shop);
  expect(await send(refund)).toMatchObject({ status: 201, body: first.body });
  const unnamed = { ...refund, connection: undefined };
  expect(await send(unnamed)).toMatchObject({ status: 201, body: first.body });
  const fresh = { ...unnamed, idempotencyKey: 'new-key-of-an-old-refund' };
  expect(await send(fresh)).toMatchObject({ status: 200, body: first.body });
});

it('a sale sent without a connection name gets its answer when a name is needed now', async () => {
  const key = await gateway.makeKey({ defaultConnectionId: shop.id });
  const write = sale({ key, connection: undefined });
  const first = await sold(write);
  await world.connect('uds');
  await world.connect('loyalclient');
  await forget(shop);
  expect(await send(write)).toMatchObject({ status: 201, body: first.body });
  const known = await send({ ...write, idempotencyKey: 'a-key-without-a-connection' });
  expect(known).toMatchObject({ status: 200, body: first.body });
  const fresh = await send(sale({ key, connection: undefined }));
  expect(fresh).toMatchObject({ status: 400, body: { code: 'connection-required' } });
});

it('a sale through a key whose own connection was deleted is never booked at another one', async () => {
  const { id: tenantId } = await world.tenants.ensure(world.core.database.direct, 'two-shops', 'Two shops');
  const owner = await gateway.makeKey({ tenantId });
  const open = async (slug: string) => {
    const body = { provider: 'uds', slug, baseUrl: shop.baseUrl, credentials: shop.credentials };
    const asked = { path: '/v1/connections', body, key: owner, idempotencyKey: `connection-of-${slug}` };
    return (await sold(asked)).body as OpenConnection;
  };
  const [own] = [await open('own'), await open('other')];
  const key = await gateway.makeKey({ tenantId, defaultConnectionId: own.id });
  const write = sale({ key, connection: undefined });
  const first = await sold(write);
  const gone = await gateway.ask({ method: 'DELETE', path: `/v1/connections/${own.id}`, key: owner });
  expect(gone.status).toBe(204);
  const before = (await world.journal('uds')).length;
  expect(await send(write)).toMatchObject({ status: 201, body: first.body });
  expect(await send({ ...write, idempotencyKey: 'a-new-key-of-an-old-sale' })).toMatchObject({
    status: 200,
    body: first.body,
  });
  expect(await send(sale({ key, connection: undefined }))).toMatchObject({
    status: 400,
    body: { code: 'connection-required', outcome: 'not-executed' },
  });
  const extension = await gateway.ask({ path: '/v1/x/uds/settings', key });
  expect(extension).toMatchObject({ status: 400, body: { code: 'connection-required' } });
  expect(await world.journal('uds')).toHaveLength(before);
});

/** A tenant of its own, with its first connection to UDS. */
async function newTenant(name: string) {
  const { id: tenantId } = await world.tenants.ensure(world.core.database.direct, name, name);
  const key = await gateway.makeKey({ tenantId });
  const open = async (slug: string) => {
    const body = { provider: 'uds', slug, baseUrl: shop.baseUrl, credentials: shop.credentials };
    const idempotencyKey = `connection-${name}-${slug}-${++sales}`;
    return (await sold({ path: '/v1/connections', body, key, idempotencyKey })).body as OpenConnection;
  };
  const change = async (method: 'DELETE' | 'PATCH', { id }: OpenConnection, body?: object) =>
    expect((await gateway.ask({ method, path: `/v1/connections/${id}`, body, key })).status).toBeLessThan(
      300,
    );
  return { key, open, change };
}

it.each(['by its name', 'unnamed'])(
  'a repeated sale gets its answer after another connection took the place of its deleted one, %s',
  async how => {
    const { key, open, change } = await newTenant(`replaced-${how.replaceAll(' ', '-')}`);
    const first = await open('uds');
    const write = sale({ key, connection: how === 'unnamed' ? undefined : 'uds' });
    const told = await sold(write);
    await change('DELETE', first);
    const next = await open(how === 'unnamed' ? 'uds-2' : 'uds');
    const before = (await world.journal('uds')).length;
    const again = await send(write);
    expect(again).toMatchObject({ status: 201, body: told.body });
    expect(again.headers['idempotency-replayed']).toBe('true');
    const other = await send({ ...write, body: { ...write.body, locationId: 'elsewhere' } });
    expect(other).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused', outcome: 'not-executed' },
    });
    if (how === 'unnamed')
      expect(await send({ ...write, connection: next.id })).toMatchObject({
        status: 422,
        body: { code: 'idempotency-key-reused', outcome: 'unknown' },
      });
    expect(await world.journal('uds')).toHaveLength(before);
  },
);

it('a repeated sale is not answered not-executed after another connection got its name', async () => {
  const { key, open, change } = await newTenant('renamed');
  const first = await open('uds');
  const write = sale({ key, connection: 'uds' });
  const { body: purchase } = await sold(write);
  const path = `/v1/purchases/${purchase.id}/refunds`;
  const refund = sale({ key, connection: 'uds', path, body: { merchantReference: `back-${purchase.id}` } });
  const { body: back } = await sold(refund);
  await change('PATCH', first, { slug: 'uds-old' });
  const before = (await world.journal('uds')).length;
  const doubt = (code: string, status: number, { operationId }: { operationId: string }) => ({
    status,
    body: {
      code,
      outcome: 'unknown',
      retryable: false,
      operationId,
      detail: expect.stringContaining(`GET /v1/operations/${operationId}`),
      userMessage: expect.stringMatching(/may have gone through/),
    },
  });
  expect(await send(write)).toMatchObject(doubt('not-found', 404, purchase));
  await open('uds');
  expect(await send(write)).toMatchObject(doubt('idempotency-key-reused', 422, purchase));
  expect(await send(refund)).toMatchObject(doubt('not-found', 404, back));
  expect(await send({ ...write, connection: 'uds-old' })).toMatchObject({ status: 201, body: purchase });
  expect(await world.journal('uds')).toHaveLength(before);
});

it('a repeat over another connection is answered not-executed where the first was refused', async () => {
  const { key, open, change } = await newTenant('refused');
  const first = await open('uds');
  const stranger = { identifier: { type: 'code', value: '000000' }, receipt: { total } };
  const write = sale({ key, connection: 'uds', body: { ...stranger, merchantReference: 'of-a-stranger' } });
  expect(await send(write)).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
  await change('PATCH', first, { slug: 'uds-old' });
  await open('uds');
  expect(await send(write)).toMatchObject({
    status: 422,
    body: { code: 'idempotency-key-reused', outcome: 'not-executed' },
  });
});

it('a repeated sale gets its answer when its credentials cannot be decrypted', async () => {
  const write = sale();
  const first = await sold(write);
  await world.core.database.direct.query(`update connections set credentials = '\\x00' where id = $1`, [
    shop.id,
  ]);
  expect(await send(write)).toMatchObject({ status: 201, body: first.body });
  const fresh = await send(sale());
  expect(fresh).toMatchObject({ status: 424, body: { code: 'connection-credentials-invalid' } });
});

it('a repeated sale gets its answer while its connection is paused', async () => {
  const write = sale();
  const first = await sold(write);
  const path = `/v1/connections/${shop.id}/pause`;
  expect((await gateway.ask({ method: 'POST', path })).status).toBe(200);
  expect(await send(write)).toMatchObject({ status: 201, body: first.body });
  const fresh = await send({ ...write, idempotencyKey: 'a-key-for-a-paused-one' });
  expect(fresh).toMatchObject({ status: 200, body: first.body });
});

it('a repeat with an API key that has ended, or that never existed, is not answered not-executed', async () => {
  const soon = new Date(Date.now() + 3_600_000);
  const key = await gateway.makeKey({ expiresAt: soon });
  const write = sale({ key });
  await sold(write);
  await world.core.database.direct.query('update api_keys set expires_at = $1 where expires_at = $2', [
    new Date(0),
    soon,
  ]);
  const late = await startGateway(world);
  try {
    const { path, body, idempotencyKey } = write;
    const ask = (apiKey: string | null, headers: Record<string, string>) =>
      late.ask({ method: 'POST', path, body, key: apiKey, headers: { 'accept-language': 'ru', ...headers } });
    for (const wrong of [key, key.slice(0, -1), `${key.slice(0, -1)}-`, null])
      expect(await ask(wrong, { 'idempotency-key': idempotencyKey })).toMatchObject({
        status: 401,
        body: {
          code: 'unauthenticated',
          outcome: 'unknown',
          title: 'No valid API key',
          detail: expect.stringMatching(/^Send `Authorization: Bearer lgk_…` with a key that exists/),
          userMessage: expect.stringMatching(/не может узнать, прошла ли операция/),
        },
      });
    // It repeats nothing.
    expect(await ask(null, {})).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', outcome: 'not-executed' },
    });
  } finally {
    await late.close();
  }
});

it('a repeat with an API key without the scope is not answered not-executed', async () => {
  const write = sale();
  await sold(write);
  const key = await gateway.makeKey({ scopes: ['loyalty:read'] });
  const again = await send({ ...write, key });
  expect(again).toMatchObject({ status: 403, body: { code: 'scope-missing', outcome: 'unknown' } });
  expect(again.body).not.toHaveProperty('operationId');
  const fresh = await send({ ...write, key, idempotencyKey: 'another-unused-key' });
  expect(fresh).toMatchObject({ status: 403, body: { code: 'scope-missing', outcome: 'not-executed' } });
});

it.each(['wait=30', 'wait=2.5'])('a repeat with Prefer: %s is not refused', async prefer => {
  const write = sale();
  const first = await sold(write);
  expect(await send(write, { prefer })).toMatchObject({ status: 201, body: first.body });
});

interface Faulty {
  payload?: (body: object) => unknown;
  headers?: Record<string, string>;
}

describe.each<[string, number, string, Faulty]>([
  ['is cut', 400, 'malformed-json', { payload: body => JSON.stringify(body).slice(0, -9) }],
  ['is too large', 413, 'payload-too-large', { payload: body => ({ ...body, more: 'x'.repeat(300_000) }) }],
  ['has an unknown field', 400, 'unknown-field', { payload: body => ({ ...body, more: true }) }],
  ['lacks a field', 422, 'validation-failed', { payload: body => ({ ...body, receipt: undefined }) }],
  ['is declared as text', 415, 'unsupported-media-type', { headers: { 'content-type': 'text/plain' } }],
])('a write whose body %s', (_how, status, code, { payload = body => body, headers }) => {
  const faulty = (write: Write) => send({ ...write, body: payload(write.body) as object }, headers);

  it('is answered not-executed, unless it repeats one that may stand', async () => {
    const write = sale();
    expect(await faulty(write)).toMatchObject({ status, body: { code, outcome: 'not-executed' } });
    const { body: purchase } = await sold(write);
    expect(await faulty(write)).toMatchObject({
      status,
      body: {
        code,
        outcome: 'unknown',
        operationId: purchase.operationId,
        detail: expect.stringContaining(`GET /v1/operations/${purchase.operationId}`),
        userMessage: expect.stringMatching(/cannot find out whether/),
      },
    });
    const quote = await faulty({ ...write, path: '/v1/quotes' });
    expect(quote).toMatchObject({ body: { outcome: 'not-executed' } });
  });

  it('is answered not-executed where the first was refused', async () => {
    const stranger = { identifier: { type: 'code', value: '000000' }, receipt: { total } };
    const write = sale({ body: { ...stranger, merchantReference: `a-stranger-${code}` } });
    expect(await send(write)).toMatchObject({ status: 404, body: { code: 'customer-not-found' } });
    expect(await faulty(write)).toMatchObject({ status, body: { code, outcome: 'not-executed' } });
  });
});

it('a connection whose body is cut is not answered not-executed where it was made before', async () => {
  const { key, open } = await newTenant('cut-connection');
  await open('uds');
  const write = { path: '/v1/connections', key, idempotencyKey: `connection-cut-connection-uds-${sales}` };
  expect(await send({ ...write, body: '{"provider"' as never })).toMatchObject({
    status: 400,
    body: { code: 'malformed-json', outcome: 'unknown', detail: expect.stringMatching(/was executed/) },
  });
});
