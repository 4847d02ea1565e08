import { createHash, randomUUID } from 'node:crypto';
import { canonicalForm } from '#canonical';
import { canonicalJson } from '#outbound';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../support/gateway.js';
import type { TestGateway } from '../../support/gateway.js';
import { startWorld } from '../../support/world.js';
import type { World } from '../../support/world.js';
import { dumpPostgres } from './canary/dump.js';

/** Anna's ids at UDS: the global one, and the company's. */
const uid = '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01';
const participant = '1099576113739';

describe('a person', () => {
  let world: World;
  let gateway: TestGateway;
  let client: pg.Client;
  let slug: string;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds', 'recca', 'loyalclient'] } });
    gateway = await startGateway(world);
    ({ slug } = await world.connect('uds'));
    client = new pg.Client({ connectionString: world.settings.databaseUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await gateway?.close();
    await world?.close();
  });

  const post = (path: string, body: unknown, at = slug, key: string = randomUUID()) =>
    gateway.ask({
      method: 'POST',
      path: `/v1/${path}`,
      body,
      headers: { 'idempotency-key': key, 'gateway-connection': at, prefer: 'wait=25' },
    });
  const forget = ({ id }: { id: string }) => gateway.ask({ method: 'DELETE', path: `/v1/customers/${id}` });
  const stored = async () => {
    await world.core.background.drain(5_000);
    return dumpPostgres(client);
  };

  it('is stored only as provider references, which are deleted on forgetting', async () => {
    const receipt = { total: { amount: '10.00', currency: 'RUB' } };
    const anna = (await post('customers/lookup', { identifier: { type: 'code', value: '123456' } })).body;
    const who = { identityToken: anna.identityToken.token };
    const sold = await post('purchases', { ...who, merchantReference: 'p-1', receipt });
    await post('purchases', { customerId: anna.id, merchantReference: 'p-2', receipt });
    await post(`purchases/${sold.body.id}/refunds`, { merchantReference: 'r-1' });
    await gateway.ask({ path: `/v1/customers/${anna.id}` });
    const before = await stored();
    expect(before).toContain(uid);
    expect(before).not.toMatch(/Анна|Смирнова|79990000001|anna@example\.com/);
    expect((await gateway.ask({ method: 'DELETE', path: `/v1/customers/${anna.id}` })).status).toBe(204);
    const after = await stored();
    expect(after.split('\n').filter(row => row.includes(uid) || row.includes(participant))).toEqual([]);
    const { status, body } = await gateway.ask({ path: `/v1/customers/${anna.id}` });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
    expect(body.detail).toContain('forgotten');
    // The sale belongs to the shop and stays.
    expect((await gateway.ask({ path: `/v1/purchases/${sold.body.id}` })).status).toBe(200);
  });

  it('is not in a repeated answer after being forgotten', async () => {
    const { slug: recca } = await world.connect('recca');
    const key = randomUUID();
    const create = () =>
      gateway.ask({
        method: 'POST',
        path: '/v1/customers',
        body: { externalId: 'crm-77', displayName: 'Анна', email: 'anna.77@example.com' },
        headers: { 'idempotency-key': key, 'gateway-connection': recca },
      });
    const { body } = await create();
    expect((await create()).body.email).toBe('anna.77@example.com');
    await gateway.ask({ method: 'DELETE', path: `/v1/customers/${body.id}` });
    expect(JSON.stringify((await create()).body)).not.toContain('anna.77');
    const refs = Object.values<string>(body.providerRefs);
    expect(refs.length).toBeGreaterThan(1);
    const rows = (await stored()).split('\n');
    expect(rows.filter(row => [...refs, 'crm-77'].some(ref => row.includes(ref)))).toEqual([]);
  });

  // Answers are kept after they were told: on a busy machine, also after the person was forgotten.
  it('is not in an answer that is kept only after being forgotten', async () => {
    const { slug: recca } = await world.connect('recca');
    const { idempotency } = world.core.stores;
    const keep = idempotency.answer.bind(idempotency);
    const late: (() => Promise<void>)[] = [];
    idempotency.answer = async (...told) => void late.push(() => keep(...told));
    const key = randomUUID();
    const anna = { externalId: 'crm-79', email: 'anna.79@example.com' };
    const { body } = await post('customers', anna, recca, key);
    await expect.poll(() => late.length).toBe(1);
    expect((await forget(body)).status).toBe(204);
    await late[0]!();
    idempotency.answer = keep;
    expect(JSON.stringify((await post('customers', anna, recca, key)).body)).not.toContain('anna.79');
  });

  // A phone has few enough values to try them all: whoever has a copy of the database must not be able to tell the right one.
  it('is not to be guessed from what is stored of a request', async () => {
    const { id, slug: at } = await world.connect('uds');
    const receipt = { total: { amount: '10.00', currency: 'RUB' } };
    const identifier = { type: 'phone', value: '+79990000002' };
    const sale = { identifier, receipt, merchantReference: 'guessed-1' };
    const key = randomUUID();
    const { body: sold } = await post('purchases', sale, at, key);
    expect((await post('purchases', sale, at, key)).body).toEqual(sold);
    expect((await post('purchases', sale, at)).body.id).toBe(sold.id);
    const guesses = [sale, canonicalForm(sale)].map(body =>
      createHash('sha256')
        .update(canonicalJson({ kind: 'createPurchase', connection: id, params: {}, body }))
        .digest('hex'),
    );
    const rows = (await stored()).split('\n');
    expect(rows.filter(row => guesses.some(guess => row.includes(guess)))).toEqual([]);
  });

  it('is in no consent and no conversion after being forgotten; the amounts stay', async () => {
    const { slug: recca } = await world.connect('recca');
    const olga = (await post('customers', { externalId: 'crm-78' }, recca)).body;
    const userId = olga.providerRefs.reccaUserId;
    const { id, state } = (await post('consent-sessions', { customerId: olga.id }, recca)).body;
    const popup = { token: 'a-token', userId, expiresAt: Date.now() + 3_600_000, state };
    expect((await post(`consent-sessions/${id}/complete`, popup, recca)).status).toBe(200);
    const contact = { name: 'Pavel' };
    const lead = (await post('referral/leads', { referrerCustomerId: olga.id, contact }, recca)).body;
    const amount = { amount: '15000.00', currency: 'RUB' };
    const key = randomUUID();
    const sale = { leadId: lead.id, amount, merchantReference: 'c-1' };
    const convert = async () => (await post('referral/conversions', sale, recca, key)).body;
    const [bonus] = (await convert()).bonuses;
    expect(bonus.customerRef).toBe(userId);
    expect((await forget(olga)).status).toBe(204);
    expect((await stored()).split('\n').filter(row => row.includes(userId))).toEqual([]);
    expect(await convert()).toMatchObject({ ...sale, bonuses: [{ ...bonus, customerRef: '***' }] });
  });

  it('is not said to be forgotten under an id that another customer took in: the caller is told to look them up again', async () => {
    const { id: connectionId, tenantId } = await world.connect('recca');
    const { customers } = world.core.stores;
    const meet = (refs: Record<string, string>) =>
      customers.unite(world.core.database.direct, { tenantId, connectionId }, refs);
    const older = await meet({ externalId: 'crm-79' });
    const newer = await meet({ tenantReccaId: 'ub_met_apart' });
    expect(await meet({ externalId: 'crm-79', tenantReccaId: 'ub_met_apart' })).toBe(older);
    expect(await forget({ id: newer })).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: expect.stringContaining('look them up again') },
    });
    expect((await forget({ id: older })).status).toBe(204);
    expect(await stored()).not.toMatch(/ub_met_apart|crm-79/);
  });

  it.each([
    ['uds', { identifier: { type: 'phone', value: '+79990000002' } }],
    ['loyalclient', { identifier: { type: 'phone', value: '+79031234567' }, locationId: 'shop-1' }],
  ])('is unknown to every request by id at %s after being forgotten', async (provider, who) => {
    const { slug: at } = await world.connect(provider);
    const met = (await post('customers/lookup', who, at)).body;
    await forget(met);
    const receipt = { total: { amount: '10.00', currency: 'RUB' } };
    const asked = { customerId: met.id, locationId: 'shop-1' };
    const told = [
      await post('quotes', { ...asked, receipt }, at),
      await post('purchases', { ...asked, receipt, merchantReference: 'f-1' }, at),
      ...(provider === 'loyalclient' ? [await post('holds', { ...asked, points: '1' }, at)] : []),
    ];
    for (const { status, body } of told) {
      expect({ status, code: body.code, detail: body.detail }).toEqual({
        status: 404,
        code: 'not-found',
        detail: expect.stringContaining('forgotten'),
      });
    }
    expect((await post('customers/lookup', who, at)).body.id).not.toBe(met.id);
  });

  it('is not forgotten while something of theirs is open: the caller is told what to end', async () => {
    const { slug: at } = await world.connect('loyalclient');
    const who = { identifier: { type: 'phone', value: '+79031234567' }, locationId: 'shop-1' };
    const anna = (await post('customers/lookup', who, at)).body;
    const retail = { provider: 'loyalclient', pathPattern: 'retail' };
    await world.control('faults', { ...retail, fault: 'commit-then-reset', count: 1 });
    const receipt = { total: { amount: '10.00', currency: 'RUB' }, redeemPoints: '1' };
    const { body: lost } = await post('purchases', { ...who, merchantReference: 'o-1', receipt }, at);
    const refused = (id: string) => ({
      status: 409,
      body: { code: 'state-conflict', outcome: 'not-executed', detail: expect.stringContaining(id) },
    });
    expect(await forget(anna)).toMatchObject(refused(lost.id));
    const word = { outcome: 'executed', note: 'seen in the cabinet' };
    expect((await post(`operations/${lost.id}/resolve`, word, at)).status).toBe(200);

    const held = { customerId: anna.id, locationId: 'shop-1', points: '1' };
    const { body: hold } = await post('holds', held, at);
    expect(await forget(anna)).toMatchObject(refused(hold.id));
    expect((await post(`holds/${hold.id}/release`, {}, at)).status).toBe(200);
    expect((await forget(anna)).status).toBe(204);
  });

  it('is not forgotten while they are just being registered anew, and would come back by it', async () => {
    const { slug: at } = await world.connect('recca');
    const registered = { externalId: 'mysite:vk:777', email: 'seventh@example.com' };
    const known = (await post('customers', registered, at)).body;
    const later = { 'idempotency-key': randomUUID(), 'gateway-connection': at, prefer: 'respond-async' };
    const body = { ...registered, email: 'new@example.com' };
    const { id } = (await gateway.ask({ method: 'POST', path: '/v1/customers', body, headers: later })).body;
    expect(await forget(known)).toMatchObject({
      status: 409,
      body: { code: 'state-conflict', detail: expect.stringContaining(id) },
    });
    expect((await post(`operations/${id}/cancel`, {}, at)).status).toBe(200);
    expect((await forget(known)).status).toBe(204);
  });

  it('is unknown by a token that was given out before being forgotten', async () => {
    const { slug: at } = await world.connect('uds');
    const met = (await post('customers/lookup', { identifier: { type: 'code', value: '123456' } }, at)).body;
    expect((await forget(met)).status).toBe(204);
    const before = await world.effects('uds');
    const receipt = { total: { amount: '10.00', currency: 'RUB' } };
    const sale = { identityToken: met.identityToken.token, merchantReference: 't-1', receipt };
    const { status, body } = await post('purchases', sale, at);
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
    expect(body.detail).toContain('look them up again');
    expect(await world.effects('uds')).toEqual(before);
  });

  it('is not readable by other sites’ pages: no CORS', async () => {
    for (const path of ['/v1/customers', '/v1/program', '/metrics', '/openapi.json']) {
      for (const method of ['GET', 'OPTIONS'] as const) {
        const headers = {
          origin: 'https://elsewhere.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        };
        const told = await gateway.ask({ method: method as 'GET', path, headers });
        const names = Object.keys(told.headers).filter(name => name.startsWith('access-control-'));
        expect([method, path, names]).toEqual([method, path, []]);
      }
    }
  });
});
