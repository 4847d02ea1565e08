import { randomUUID } from 'node:crypto';
import { execute } from '#outbound';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import { startReceiver } from '../../../libs/events/src/testing/receiver.js';
import type { TestGateway } from '../../support/gateway.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = { identifier: { type: 'code', value: '123456' }, receipt: { total: rub('10.00') } };

describe('a sealed value that was moved or altered', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let one: OpenConnection;
  let other: OpenConnection;

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres', sandbox: { only: ['uds', 'recca'] } });
    ({ world, gateway } = stack);
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    [one, other] = [await world.connect('uds'), await world.connect('uds')];
  });

  const sql = (text: string, values: unknown[] = []) => world.core.database.source.query(text, values);
  const calls = async () => (await world.journal('uds')).length + (await world.journal('recca')).length;
  const post = (path: string, body: unknown, connection?: OpenConnection, headers = {}) =>
    gateway.ask({
      method: 'POST',
      path: `/v1/${path}`,
      body,
      headers: {
        'idempotency-key': randomUUID(),
        prefer: 'wait=25',
        ...(connection && { 'gateway-connection': connection.slug }),
        ...headers,
      },
    });
  const buy = (connection: OpenConnection, headers = {}) =>
    post('purchases', { ...sale, merchantReference: randomUUID() }, connection, headers);

  /** Swaps a column of two rows. */
  async function swap(table: string, columns: string[], [a, b]: [string, string]): Promise<void> {
    const set = columns.map(
      column =>
        `${column} = (select ${column} from ${table} o where o.id = (case t.id when $1 then $2 else $1 end))`,
    );
    await sql(`update ${table} t set ${set.join(', ')} where id in ($1, $2)`, [a, b]);
  }

  const damages: [string, () => Promise<unknown>][] = [
    ['credentials of another connection', () => swap('connections', ['credentials'], [one.id, other.id])],
    ['the data key of another connection', () => swap('connections', ['data_key'], [one.id, other.id])],
    [
      'credentials and data key of another connection',
      () => swap('connections', ['credentials', 'data_key'], [one.id, other.id]),
    ],
    [
      'a changed bit',
      () =>
        sql(
          'update connections set credentials = set_byte(credentials, 20, get_byte(credentials, 20) # 1) where id = $1',
          [one.id],
        ),
    ],
    [
      'a shorter text',
      () => sql('update connections set credentials = substr(credentials, 1, 30) where id = $1', [one.id]),
    ],
    [
      'another tenant’s name',
      async () => {
        const { id } = await world.tenants.ensure(world.core.database.direct, 'thief', 'Thief');
        await sql('update connections set tenant_id = $2 where id = $1', [one.id, id]);
      },
    ],
  ];

  it.each(damages)('sends nothing and tells how to repair it: %s', async (name, damage) => {
    const moved = name.startsWith('another tenant');
    await damage();
    const before = await calls();
    const key = moved
      ? await gateway.makeKey({
          tenantId: (await world.tenants.ensure(world.core.database.direct, 'thief', 'Thief')).id,
        })
      : undefined;
    const headers = { 'gateway-connection': one.slug, 'idempotency-key': randomUUID() };
    const asks = [
      { path: '/v1/program' },
      { method: 'POST', path: '/v1/customers/lookup', body: { identifier: sale.identifier } },
      { method: 'POST', path: '/v1/purchases', body: { ...sale, merchantReference: randomUUID() } },
      { method: 'POST', path: `/v1/connections/${one.id}/check`, body: {} },
    ] as const;
    for (const ask of asks) {
      const told = await gateway.ask({ ...ask, headers, ...(key && { key }) });
      expect(told).toMatchObject({
        status: 424,
        body: { code: 'connection-credentials-invalid', retryable: false },
      });
      expect(told.body.detail).toContain(`POST /v1/connections/${one.slug}/credentials`);
    }
    expect(await calls()).toBe(before);
  });

  it('works again once its credentials are set again, and affects no other', async () => {
    await swap('connections', ['credentials'], [one.id, other.id]);
    const credentials = { companyId: '549755813888', apiKey: 'demo-uds-key' };
    expect((await post(`connections/${one.id}/credentials`, { credentials })).status).toBe(200);
    expect((await buy(one)).status).toBe(201);
    expect((await buy(other)).status).toBe(424);
  });

  it('is rotated with its data key, and unreadable once its connection is deleted', async () => {
    const bytes = async () =>
      (await sql('select credentials, data_key from connections where id = $1', [one.id]))[0];
    const before = await bytes();
    const credentials = { companyId: '549755813888', apiKey: 'demo-uds-key' };
    await post(`connections/${one.id}/credentials`, { credentials });
    const after = await bytes();
    expect(after.credentials.equals(before.credentials)).toBe(false);
    expect(after.data_key.equals(before.data_key)).toBe(false);
    // The new key cannot open what the old one sealed.
    await sql('update connections set credentials = $2 where id = $1', [one.id, before.credentials]);
    expect((await buy(one)).status).toBe(424);
    await gateway.ask({ method: 'DELETE', path: `/v1/connections/${one.id}` });
    expect(await bytes()).toEqual({ credentials: null, data_key: null });
    expect((await buy(one)).status).toBe(404);
  });

  it('is not accepted as an operation’s request: nothing is sent until it is back in place', async () => {
    const queued = async (connection: OpenConnection) =>
      (await buy(connection, { prefer: 'respond-async' })).body.id;
    const [first, second] = [await queued(one), await queued(other)] as [string, string];
    await world.core.background.drain(5_000);
    const before = await calls();
    await swap('operations', ['ask'], [first, second]);
    const run = (id: string) => execute(world.core, id, { laneBudgetMs: 2_000 });
    for (const id of [first, second]) await expect(run(id)).rejects.toThrow(/sealed value does not open/);
    expect(await calls()).toBe(before);
    const state = async () => (await gateway.ask({ path: `/v1/operations/${first}` })).body;
    expect(await state()).toMatchObject({ state: 'queued', outcome: 'not-executed' });
    await swap('operations', ['ask'], [first, second]);
    await run(first);
    expect(await state()).toMatchObject({ state: 'succeeded' });
  });

  it('is not accepted as an identity token: of another connection, or altered', async () => {
    const found = await post('customers/lookup', { identifier: sale.identifier }, one);
    const { token } = found.body.identityToken;
    const bytes = Buffer.from(token, 'base64url');
    bytes[20]! ^= 1;
    const before = await calls();
    const asked = (identityToken: string) => ({
      identityToken,
      merchantReference: randomUUID(),
      receipt: sale.receipt,
    });
    for (const told of [
      await post('purchases', asked(token), other),
      await post('purchases', asked(bytes.toString('base64url')), one),
      await post('purchases', asked('x'), one),
    ]) {
      expect(told).toMatchObject({ status: 422, body: { errors: [{ pointer: '/identityToken' }] } });
    }
    expect(await calls()).toBe(before);
    expect((await post('purchases', asked(token), one)).status).toBe(201);
  });

  it('is not accepted as an end user’s token', async () => {
    const recca = await world.connect('recca');
    const consented = async (externalId: string, who: string) => {
      const { id } = (await post('customers', { externalId }, recca)).body;
      const { body: session } = await post('consent-sessions', { customerId: id }, recca);
      const page = await (await fetch(session.authorizeUrl)).text();
      const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(page)![1]!) as any[];
      const said = messages.find(({ user_id }) => user_id === who) ?? messages[0];
      const { token, user_id, expires_at, state } = said;
      await post(`consent-sessions/${session.id}/complete`, {
        token,
        userId: user_id,
        expiresAt: expires_at,
        state,
      });
      return { customer: id as string, session: session.id as string };
    };
    const ivan = await consented('mysite:vk:12345', 'ub_GB_xyz');
    await sql(`update records set sealed = set_byte(sealed, 15, get_byte(sealed, 15) # 1) where id = $1`, [
      ivan.session,
    ]);
    const before = await calls();
    const link = { customerId: ivan.customer, target: { type: 'offer', id: 'off_42' } };
    expect(await post('referral/links', link, recca)).toMatchObject({
      status: 424,
      body: { code: 'end-user-token-invalid' },
    });
    expect(await calls()).toBe(before);
  });

  it('is not accepted as a webhook secret, nor as a stored answer of another key', async () => {
    const shop = await startReceiver();
    const target = { type: 'webhook', url: shop.url };
    const made = [
      await post('subscriptions', { target, events: ['hold.*'] }),
      await post('subscriptions', { target, events: ['hold.*'] }),
    ];
    await swap('subscriptions', ['secret'], [made[0]!.body.id, made[1]!.body.id]);
    expect((await post(`subscriptions/${made[0]!.body.id}/test`, {})).status).toBeGreaterThanOrEqual(400);
    expect(shop.received).toEqual([]);
    await shop.close();

    const keys = [randomUUID(), randomUUID()];
    const bodies = keys.map(key => ({
      provider: 'uds',
      slug: `answer-${key}`,
      baseUrl: world.sandbox.baseUrl('uds'),
      credentials: { companyId: '1', apiKey: 'key-of-a-shop' },
    }));
    for (const index of [0, 1])
      await post('connections', bodies[index], undefined, { 'idempotency-key': keys[index] });
    await sql(
      `update idempotency_keys t set body = (select o.body from idempotency_keys o where o.key = (case t.key when $1 then $2 else $1 end)) where key in ($1, $2)`,
      keys,
    );
    const told = await post('connections', bodies[0], undefined, { 'idempotency-key': keys[0] });
    expect(told.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(told.body)).not.toContain(keys[1]);
  });
});
