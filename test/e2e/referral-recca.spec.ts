import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  completeConsent,
  consentKind,
  conversionKind,
  customerKind,
  execute,
  leadKind,
  linkKind,
  listConversions,
  listLeads,
  listPartners,
  listTransactions,
  lookUpCustomer,
  readCustomer,
  readSummary,
  readTree,
  reconcile,
  resolveOperation,
} from '#outbound';
import type { OpenConnection, WriteAnswer } from '#outbound';
import type { ConsentSession, Conversion, Customer, CustomerCreate, Lead } from '#canonical';
import { eventsOf } from '../support/events-of.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const terms = { waitMs: 15_000 };
const page = { limit: 25 };
const contact = { name: 'Мария Канарейкина', email: 'canary@example.com', phone: '+79031112233' };

let world: World;
let recca: OpenConnection;
let aheadMs = 0;
let number = 0;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['recca'] }, now: () => new Date(Date.now() + aheadMs) });
});
afterAll(() => world.close());
beforeEach(async () => {
  aheadMs = 0;
  number += 1;
  await world.control('clock', { offsetMs: 0 });
  await world.control('reset', { provider: 'recca', options: {} });
  recca = await world.connect('recca');
});

/** A registered participant, with both ids of Recca known. */
async function register(externalId = 'mysite:vk:12345'): Promise<Customer> {
  const { body } = await world.write(customerKind, recca, { body: { externalId } });
  return body as Customer;
}
/** The answer to the repeat of a registration that was lost, and that a person settled before it was sent again. */
async function resolvedAsExecuted(body: CustomerCreate): Promise<WriteAnswer> {
  await fail('commit-then-reset', 'users/upsert', 1);
  const asked = { body, key: `lost-registration-${number}`, waitMs: 0 };
  const { operationId } = await world.write(customerKind, recca, asked);
  const id = operationId!;
  // One attempt, as soon as the lane has a start: its budget is shorter than the pause before a repeat.
  while ((await operation(id)).attempts === 0) await execute(world.core, id, { laneBudgetMs: 200 });
  expect(await operation(id)).toMatchObject({ state: 'queued', writeSent: true });
  const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
  await resolveOperation(world.core, person, id, { outcome: 'executed', note: 'seen' });
  return world.write(customerKind, recca, asked);
}
/** The consent of Ivan, asked for under this id. */
async function allow(customerId: string): Promise<void> {
  const { body } = await world.write(consentKind, recca, { body: { customerId } });
  const { id, authorizeUrl, state } = body as ConsentSession;
  const popup = await (await fetch(authorizeUrl)).text();
  const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(popup)![1]!) as any[];
  const { token, user_id: userId, expires_at: expiresAt } = messages.find(one => one.user_id === 'ub_GB_xyz');
  await completeConsent(world.core, world.tenantId, id, { token, userId, expiresAt, state });
}
async function handOver(): Promise<Lead> {
  const { id } = await register();
  const { body } = await world.write(leadKind, recca, { body: { referrerCustomerId: id, contact } });
  return body as Lead;
}
const fail = (fault: string, pathPattern: string, count?: number) =>
  world.control('faults', { provider: 'recca', method: 'POST', fault, pathPattern, count });
const sql = (text: string, parameters: unknown[]) => world.core.database.source.query(text, parameters);
const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const effects = async (type: string) => (await world.effects('recca')).filter(effect => effect.type === type);
const sent = async (path: string) => (await world.journal('recca')).filter(line => line.path.endsWith(path));
const events = async (resourceId: string) => (await eventsOf(world, resourceId)).map(({ type }) => type);

describe('a customer at Recca', () => {
  it('who is erased during their own update gets a new id', async () => {
    const { id } = await register();
    const { send, stores, database } = world.core;
    world.core.send = {
      ...send,
      send: async outgoing => {
        world.core.send = send;
        const answer = await send.send(outgoing);
        await stores.customers.erase(database.direct, world.tenantId, id);
        return answer;
      },
    };
    const updated = await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } });
    expect(updated).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^cus_/) } });
    expect((updated.body as Customer).id).not.toBe(id);
    expect((await register()).id).toBe((updated.body as Customer).id);
  });

  it('is registered with both ids, with personal data stored only sealed', async () => {
    const body = { externalId: 'crm-1', displayName: 'Анна Канарейкина', email: 'canary@example.com' };
    const answer = await world.write(customerKind, recca, { body });
    expect(answer).toMatchObject({ status: 201, body: { ...body, member: true } });
    const customer = answer.body as Customer;
    expect(customer.providerRefs).toMatchObject({
      tenantReccaId: expect.stringMatching(/^ub_/),
      reccaUserId: expect.stringMatching(/^usr_/),
    });
    expect(answer.location).toBe(`/v1/customers/${customer.id}`);
    expect(customer.operationId).toBe(answer.operationId);
    expect(await events(customer.id)).toEqual(['customer.upserted']);
    const rows = JSON.stringify(
      await sql('select problem, result, reconcile from operations where id = $1', [answer.operationId]),
    );
    expect(rows).toContain('sealed');
    expect(rows).not.toMatch(/canary|Канарейкина/);
  });

  it('is the same one when registered again, and is found by the merchant’s id', async () => {
    const { id } = await register('crm-2');
    const again = await world.write(customerKind, recca, {
      body: { externalId: 'crm-2', displayName: 'Пётр' },
    });
    expect(again.body).toMatchObject({ id, displayName: 'Пётр' });
    const found = await lookUpCustomer(
      world.core,
      recca,
      { identifier: { type: 'externalId', value: 'crm-2' } },
      terms,
    );
    expect(found).toMatchObject({ id, externalId: 'crm-2', displayName: 'Пётр' });
    expect(await effects('customer')).toHaveLength(2);
  });

  it('is one person, found by Recca’s id or registered by the merchant’s', async () => {
    const met = await lookUpCustomer(
      world.core,
      recca,
      { identifier: { type: 'uid', value: 'ub_GB_xyz' } },
      terms,
    );
    const answer = await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } });
    expect(answer).toMatchObject({ body: { id: met.id }, location: `/v1/customers/${met.id}` });
    expect((await operation(answer.operationId!)).resourceId).toBe(met.id);
    const told = await eventsOf(world, answer.operationId!);
    expect(told[0]).toMatchObject({ type: 'operation.succeeded', data: { resource: { id: met.id } } });
  });

  it('cannot be found by an id of the merchant that was never registered', async () => {
    const identifier = { type: 'externalId' as const, value: 'nobody' };
    await expect(lookUpCustomer(world.core, recca, { identifier }, terms)).rejects.toMatchObject({
      code: 'customer-not-found',
    });
    expect(await world.journal('recca')).toHaveLength(0);
  });

  it('is refused without the merchant’s id', async () => {
    const answer = await world.write(customerKind, recca, { body: { displayName: 'Анна' } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/externalId' }] } });
    expect(await world.effects('recca')).toHaveLength(0);
  });

  it.each(['commit-then-reset', 'commit-then-500', '500-without-commit'])(
    'is registered once all the same after %s: the call is keyed',
    async fault => {
      await fail(fault, 'users/upsert', 1);
      const body = { externalId: `crm-${fault}`, displayName: 'Анна' };
      expect(await world.write(customerKind, recca, { body })).toMatchObject({ status: 201 });
      expect(await sent('/users/upsert')).toHaveLength(2);
      expect(await effects('customer')).toHaveLength(1);
    },
  );

  it('resolved as executed is known by the merchant’s id, and gets Recca’s with the next registration', async () => {
    const answer = await resolvedAsExecuted({ externalId: 'crm-lost', displayName: 'Анна' });
    const { operationId } = answer;
    const { id } = answer.body as Customer;
    const refs = { externalId: 'crm-lost' };
    const kept = { id, providerRefs: refs, ...refs, member: true, stale: true, operationId };
    expect(answer).toMatchObject({ status: 201, location: `/v1/customers/${id}` });
    expect(answer.body).toEqual(kept);
    expect(await events(id)).toEqual(['customer.upserted']);
    expect(await readCustomer(world.core, recca, id, terms)).toEqual(kept);
    const identifier = { type: 'externalId' as const, value: 'crm-lost' };
    const { operationId: _, ...found } = kept;
    expect(await lookUpCustomer(world.core, recca, { identifier }, terms)).toEqual(found);
    await expect(readSummary(world.core, recca, { customerId: id }, terms)).rejects.toMatchObject({
      code: 'validation-failed',
      message: expect.stringContaining('POST /v1/customers'),
    });
    expect(await register('crm-lost')).toMatchObject({
      id,
      providerRefs: { reccaUserId: expect.anything() },
    });
    expect(await readCustomer(world.core, recca, id, terms)).toMatchObject({ id, displayName: 'Анна' });
  });

  it.each(['registered', 'looked up'])(
    'who was registered without an answer and looked up by Recca’s id is one person with the next registration (%s first)',
    async first => {
      const externalId = 'mysite:vk:12345';
      const meet = async (by: 'uid' | 'externalId') => {
        const identifier = { type: by, value: by === 'uid' ? 'ub_GB_xyz' : externalId };
        return lookUpCustomer(world.core, recca, { identifier }, terms);
      };
      const settled = async () => (await resolvedAsExecuted({ externalId })).body as Customer;
      const lookedUp = () => meet('uid');
      const order = first === 'registered' ? [settled, lookedUp] : [lookedUp, settled];
      const [older, newer] = [await order[0]!(), await order[1]!()];
      expect(newer.id).not.toBe(older.id);
      await allow(newer.id);

      const one = await register(externalId);
      expect(one.id).toBe(older.id);
      const known = { id: one.id, displayName: 'Иван Иванов' };
      expect(await readCustomer(world.core, recca, one.id, terms)).toMatchObject({ ...known, externalId });
      expect(await meet('uid')).toMatchObject(known);
      expect(await meet('externalId')).toMatchObject({ ...known, externalId });
      const lead = { referrerCustomerId: one.id, contact };
      expect(await world.write(leadKind, recca, { body: lead })).toMatchObject({ status: 201 });
      // What was kept of either is theirs: the consent, and the operations that name the customer.
      const link = { customerId: one.id, target: { type: 'offer', id: 'off_42' } };
      expect(await world.write(linkKind, recca, { body: link })).toMatchObject({ status: 201 });
      expect(await sql('select id from operations where resource_id = $1', [newer.id])).toEqual([]);
      await expect(readCustomer(world.core, recca, newer.id, terms)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('look them up again'),
      });
    },
  );

  it('who was known already keeps the id where the update is resolved as executed', async () => {
    const { id, providerRefs } = await register('crm-known');
    expect(await resolvedAsExecuted({ externalId: 'crm-known' })).toMatchObject({
      status: 201,
      body: { id, providerRefs, stale: true },
    });
    expect(await events(id)).toEqual(['customer.upserted', 'customer.upserted']);
  });
});

describe('a lead at Recca', () => {
  it('is sent with the operation’s id, and its contact is not stored', async () => {
    const { id } = await register();
    const answer = await world.write(leadKind, recca, { body: { referrerCustomerId: id, contact } });
    const lead = answer.body as Lead;
    expect(answer).toMatchObject({ status: 201, body: { status: 'new', operationId: answer.operationId } });
    expect(lead.providerRef).toMatch(/^lead_/);
    expect(await effects('lead')).toMatchObject([{ key: answer.operationId, id: lead.providerRef }]);
    expect(await events(lead.id)).toEqual(['referral.lead.succeeded']);
    expect((await operation(answer.operationId!)).ask).toBeNull();
    const rows = JSON.stringify(await sql('select * from records where id = $1', [lead.id]));
    expect(rows).not.toMatch(/canary|Канарейкина|7903111/);
  });

  it('is refused for a customer without the id that the call needs', async () => {
    const identifier = { type: 'uid' as const, value: 'ub_GB_anna' };
    const { id } = await lookUpCustomer(world.core, recca, { identifier }, terms);
    const answer = await world.write(leadKind, recca, { body: { referrerCustomerId: id, contact } });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/referrerCustomerId' }] } });
    expect(await sent('/federation/v1/leads')).toHaveLength(0);
  });

  it.each([
    ['commit-then-reset', 1],
    ['500-without-commit', 0],
  ] as const)('is never sent twice after %s: a person decides', async (fault, made) => {
    const { id } = await register();
    await fail(fault, 'federation/v1/leads', 1);
    const answer = await world.attempt(leadKind, recca, { body: { referrerCustomerId: id, contact } });
    expect(answer.status).toBe(202);
    expect((await operation(answer.operationId!)).state).toBe('unknown');
    aheadMs = 61_000;
    await reconcile(world.core, answer.operationId!);
    await reconcile(world.core, answer.operationId!);
    expect((await operation(answer.operationId!)).state).toBe('needs-review');
    expect(await sent('/federation/v1/leads')).toHaveLength(1);
    expect(await effects('lead')).toHaveLength(made);
  });

  it('resolved as executed has no fields that Recca did not return', async () => {
    const { id } = await register();
    await fail('commit-then-reset', 'federation/v1/leads', 1);
    const asked = { body: { referrerCustomerId: id, contact }, key: 'lead-of-a-person-1' };
    const { operationId } = await world.attempt(leadKind, recca, asked);
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    await resolveOperation(world.core, person, operationId!, { outcome: 'executed', note: 'seen' });
    const { status, body } = await world.write(leadKind, recca, asked);
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.stringMatching(/^led_/), status: 'new', operationId });
  });

  it('keeps its id in the list of the customer’s leads', async () => {
    const lead = await handOver();
    const customer = await register();
    const { data } = await listLeads(world.core, recca, { ...page, customerId: customer.id }, terms);
    expect(data).toHaveLength(5);
    expect(data.find(({ id }) => id === lead.id)).toMatchObject({
      providerRef: lead.providerRef,
      operationId: lead.operationId,
      contactName: contact.name,
    });
    const again = await listLeads(world.core, recca, { ...page, customerId: customer.id }, terms);
    expect(again.data.map(({ id }) => id)).toEqual(data.map(({ id }) => id));
    const fresh = await listLeads(
      world.core,
      recca,
      { ...page, customerId: customer.id, status: 'new' },
      terms,
    );
    expect(fresh.data.every(({ status }) => status === 'new')).toBe(true);
    const kept = JSON.stringify(await sql('select body from records where connection_id = $1', [recca.id]));
    expect(kept).not.toMatch(/Канарейкина|Попов/);
  });
});

describe('a conversion at Recca', () => {
  const sale = (leadId: string, amount = '15000.01') => ({
    leadId,
    amount: rub(amount),
    merchantReference: `order-${number}`,
  });

  it('is registered in exact kopecks, with the cascade that was paid', async () => {
    const lead = await handOver();
    const answer = await world.write(conversionKind, recca, { body: sale(lead.id) });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        leadId: lead.id,
        merchantReference: `order-${number}`,
        status: 'approved',
        amount: rub('15000.01'),
        bonuses: [{ amount: rub('1500.00'), tier: 1 }],
      },
    });
    expect((await effects('conversion'))[0]).toMatchObject({ data: { kopecks: 1_500_001 } });
    expect(await events((answer.body as Conversion).id)).toEqual(['referral.conversion.succeeded']);
  });

  it('returns the existing one for the same sale under a new key, and refuses another under its reference', async () => {
    const lead = await handOver();
    const first = await world.write(conversionKind, recca, { body: sale(lead.id) });
    const again = await world.write(conversionKind, recca, { body: sale(lead.id) });
    expect(again).toMatchObject({ status: 200, body: first.body! });
    await expect(world.write(conversionKind, recca, { body: sale(lead.id, '1.00') })).rejects.toMatchObject({
      code: 'duplicate-reference',
    });
    expect(await effects('conversion')).toHaveLength(1);
  });

  it('is not told as registered where the answer is the conversion of an earlier sale to its lead', async () => {
    await world.control('reset', { provider: 'recca', options: { secondSale: 'first' } });
    const lead = await handOver();
    await world.write(conversionKind, recca, { body: sale(lead.id, '1.00') });
    const other = { ...sale(lead.id, '900.00'), merchantReference: `other-${number}` };
    const { operationId } = await world.attempt(conversionKind, recca, { body: other });
    expect(await operation(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    await reconcile(world.core, operationId!);
    expect(await operation(operationId!)).toMatchObject({ outcome: 'unknown' });
    expect(await effects('conversion')).toHaveLength(1);
  });

  it('is not told as registered where the answer is the conversion of a sale to a copy of its lead', async () => {
    await world.control('reset', { provider: 'recca', options: { secondSale: 'first' } });
    const lead = await handOver();
    await sellElsewhere();
    const { operationId } = await world.attempt(conversionKind, recca, { body: sale(lead.id, '900.00') });
    expect(await operation(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await effects('conversion')).toHaveLength(1);
  });

  it('is not told as registered where the answer is that of the same order of another shop', async () => {
    const lead = await handOver();
    await world.write(conversionKind, recca, { body: sale(lead.id) });
    const { connection } = await copyElsewhere();
    const referrer = await world.write(customerKind, connection, { body: { externalId: 'crm-shop-2' } });
    const referrerCustomerId = (referrer.body as Customer).id;
    const other = await world.write(leadKind, connection, {
      body: { referrerCustomerId, contact: { name: 'Павел' } },
    });
    const body = sale((other.body as Lead).id, '900.00');
    const { operationId } = await world.attempt(conversionKind, connection, { body });
    expect(await operation(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await effects('conversion')).toHaveLength(1);
  });

  it('is left to a person where its lead was seen unconverted after it, and converted later', async () => {
    const lead = await handOver();
    await fail('500-without-commit', 'conversions/register', 1);
    const { operationId } = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    await reconcile(world.core, operationId!);
    expect((await operation(operationId!)).state).toBe('unknown');
    await sellPastTheGateway(lead.providerRef!);
    await reconcile(world.core, operationId!);
    expect(await operation(operationId!)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
  });

  it('is found after a lost answer by the converted lead', async () => {
    const lead = await handOver();
    await fail('commit-then-reset', 'conversions/register', 1);
    const answer = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    expect(answer.status).toBe(202);
    await reconcile(world.core, answer.operationId!);
    expect(await operation(answer.operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await effects('conversion')).toHaveLength(1);
    const again = await world.write(conversionKind, recca, { body: sale(lead.id) });
    expect(again).toMatchObject({ status: 200, body: { status: 'approved', amount: rub('15000.01') } });
  });

  it('resolved as executed is approved, like its lead in the list', async () => {
    const lead = await handOver();
    await fail('commit-then-reset', 'conversions/register', 1);
    const { operationId } = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    await resolveOperation(world.core, person, operationId!, { outcome: 'executed', note: 'seen' });
    const again = await world.write(conversionKind, recca, { body: sale(lead.id) });
    expect(again).toMatchObject({ status: 200, body: { status: 'approved', amount: rub('15000.01') } });
  });

  it('of a lead whose number was lost goes by the lead of the list, and the refusal says so', async () => {
    const { id } = await register();
    await fail('commit-then-reset', 'federation/v1/leads', 1);
    const asked = { body: { referrerCustomerId: id, contact } };
    const { operationId } = await world.attempt(leadKind, recca, asked);
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    await resolveOperation(world.core, person, operationId!, { outcome: 'executed', note: 'seen' });
    const { resourceId } = await operation(operationId!);
    await expect(world.write(conversionKind, recca, { body: sale(resourceId) })).rejects.toMatchObject({
      code: 'state-conflict',
      message: expect.stringContaining(`GET /v1/referral/leads?customerId=${id}`),
    });
    const { data } = await listLeads(world.core, recca, { ...page, customerId: id }, terms);
    const listed = data.find(({ contactName }) => contactName === contact.name)!;
    const sold = await world.write(conversionKind, recca, { body: sale(listed.id) });
    expect(sold).toMatchObject({ status: 201, body: { status: 'approved', leadId: listed.id } });
  });

  it('waits while another sale to its lead is unknown: one converted lead would prove both', async () => {
    const lead = await handOver();
    await fail('commit-then-reset', 'conversions/register', 1);
    const first = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    const other = { ...sale(lead.id, '2.00'), merchantReference: `other-${number}` };
    const second = await world.write(conversionKind, recca, { body: other, waitMs: 500 });
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    const early = resolveOperation(world.core, person, second.operationId!, {
      outcome: 'executed',
      note: 'seen',
    });
    await expect(early).rejects.toThrow('The operation is queued: it has not been sent');
    expect((await operation(first.operationId!)).state).toBe('unknown');
    expect((await operation(second.operationId!)).state).toBe('queued');
    expect(await sent('/conversions/register')).toHaveLength(1);
    await reconcile(world.core, first.operationId!);
    expect(await operation(first.operationId!)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
  });

  it.each([
    { first: 'a sale that succeeded', fault: undefined, state: 'succeeded' },
    { first: 'one that a person has to look for', fault: 'commit-then-reset', state: 'needs-review' },
  ])('is not proven by its lead where that may be due to $first', async ({ fault, state }) => {
    await world.control('reset', { provider: 'recca', options: { leadLagMinutes: 10 } });
    const lead = await handOver();
    if (fault) await fail(fault, 'conversions/register', 1);
    const first = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    if (fault) await reconcile(world.core, first.operationId!);
    aheadMs = 61_000;
    if (fault) await reconcile(world.core, first.operationId!);
    expect((await operation(first.operationId!)).state).toBe(state);

    expect(await loseAnother(lead.id)).toBe('needs-review');
    expect(await effects('conversion')).toHaveLength(1);
  });

  it('is not proven by its lead where another connection of the tenant sold to it', async () => {
    await world.control('reset', { provider: 'recca', options: { leadLagMinutes: 10 } });
    const lead = await handOver();
    await sellElsewhere();
    expect(await loseAnother(lead.id)).toBe('needs-review');
  });

  /** A sale to the lead by somebody else with the key of the account. */
  async function sellPastTheGateway(leadRef: string): Promise<void> {
    const { tenantKey } = recca.credentials as { tenantKey: string };
    const order = {
      lead_id: leadRef,
      amount_kopecks: 990_000,
      currency: 'RUB',
      external_order_id: 'foreign',
    };
    const { ok } = await fetch(`${recca.baseUrl}/federation/v1/conversions/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-recca-tenant-key': tenantKey },
      body: JSON.stringify(order),
    });
    expect(ok).toBe(true);
  }

  /** The copy of the lead in another connection of the tenant. */
  async function copyElsewhere(): Promise<{ connection: OpenConnection; leadId: string }> {
    const elsewhere = await world.connect('recca');
    await sql('update connections set lane = $2 where id = $1', [elsewhere.id, recca.lane.fingerprint]);
    const connection = await world.reopen(elsewhere);
    const { body } = await world.write(customerKind, connection, {
      body: { externalId: 'mysite:vk:12345' },
    });
    const { id: customerId } = body as Customer;
    const { data } = await listLeads(world.core, connection, { ...page, customerId }, terms);
    return { connection, leadId: data.find(({ contactName }) => contactName === contact.name)!.id };
  }

  async function sellElsewhere(): Promise<void> {
    const { connection, leadId } = await copyElsewhere();
    const sold = await world.write(conversionKind, connection, { body: sale(leadId) });
    expect(sold).toMatchObject({ status: 201 });
  }

  /** Loses a sale to a lead that is converted by an earlier one before the first look; returns how it ends. */
  async function loseAnother(leadId: string): Promise<string> {
    await fail('reset-before-reading', 'conversions/register', 1);
    const other = { ...sale(leadId, '2.00'), merchantReference: `other-${number}` };
    const { operationId } = await world.attempt(conversionKind, recca, { body: other });
    const state = async () => (await operation(operationId!)).state;
    expect(await state()).toBe('unknown');
    await world.control('clock', { offsetMs: 11 * 60_000 });
    aheadMs = 48 * 3_600_000;
    for (let probe = 0; probe < 10 && (await state()) === 'unknown'; probe++)
      await reconcile(world.core, operationId!);
    return state();
  }

  it('frees its reference if it never arrived, as a person has to say', async () => {
    const lead = await handOver();
    await fail('500-without-commit', 'conversions/register', 1);
    const lost = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
    expect((await operation(lost.operationId!)).state).toBe('unknown');
    await reconcile(world.core, lost.operationId!);
    expect((await operation(lost.operationId!)).state).toBe('unknown');
    aheadMs = 61_000;
    await reconcile(world.core, lost.operationId!);
    expect(await operation(lost.operationId!)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
    const seen = { outcome: 'not-executed', note: 'not in the cabinet' } as const;
    await resolveOperation(world.core, person, lost.operationId!, seen);
    expect(await operation(lost.operationId!)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
    expect(await world.write(conversionKind, recca, { body: sale(lead.id) })).toMatchObject({ status: 201 });
    expect(await effects('conversion')).toHaveLength(1);
  });

  it.each(['before its lead shows it', 'when its lead shows it'])(
    'is not rejected because it is registered already, which a person denied %s',
    async when => {
      const options = { repeatedOrder: 'conflict', leadLagMinutes: 10 };
      await world.control('reset', { provider: 'recca', options });
      const lead = await handOver();
      await fail('commit-then-reset', 'conversions/register', 1);
      const lost = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
      const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
      const unseen = { outcome: 'not-executed', note: 'not in the cabinet' } as const;
      await resolveOperation(world.core, person, lost.operationId!, unseen);
      if (when.startsWith('when')) await world.control('clock', { offsetMs: 11 * 60_000 });
      const again = await world.attempt(conversionKind, recca, { body: sale(lead.id) });
      expect(await operation(again.operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
      await reconcile(world.core, again.operationId!);
      expect(await operation(again.operationId!)).toMatchObject({
        state: 'needs-review',
        outcome: 'unknown',
      });
      expect(await effects('conversion')).toHaveLength(1);
    },
  );

  it('needs a lead of the same connection whose id at Recca is known', async () => {
    const lead = await handOver();
    const elsewhere = await world.connect('recca');
    await expect(world.write(conversionKind, elsewhere, { body: sale(lead.id) })).rejects.toMatchObject({
      code: 'not-found',
    });
    await fail('black-hole', 'federation/v1/leads', 1);
    const { id } = await register();
    const lost = await world.write(leadKind, recca, {
      body: { referrerCustomerId: id, contact },
      waitMs: 100,
    });
    const { resourceId } = await operation(lost.operationId!);
    await expect(world.write(conversionKind, recca, { body: sale(resourceId) })).rejects.toMatchObject({
      code: 'state-conflict',
      members: { operationId: lost.operationId },
    });
  });

  it('refers to its lead in the list', async () => {
    const lead = await handOver();
    const { body } = await world.write(conversionKind, recca, { body: sale(lead.id) });
    const customer = await register();
    const { data } = await listConversions(world.core, recca, { ...page, customerId: customer.id }, terms);
    expect(data.find(({ id }) => id === (body as Conversion).id)).toMatchObject(body!);
    const other = data.find(({ leadId }) => leadId !== lead.id);
    expect(other).toMatchObject({ status: 'approved', id: expect.stringMatching(/^cnv_[0-9a-z]{26}$/) });
  });
});

describe('several conversions of one lead', () => {
  it('are distinct in the list, each under its id, within the limit', async () => {
    const lead = await handOver();
    const sold: string[] = [];
    for (const order of ['a', 'b', 'c']) {
      const body = { leadId: lead.id, amount: rub('100.00'), merchantReference: `${order}-${number}` };
      const answer = await world.write(conversionKind, recca, { body });
      sold.unshift((answer.body as Conversion).id);
    }
    const { id: customerId } = await register();
    const seen: Conversion[] = [];
    let cursor: string | undefined;
    do {
      const wish = { ...page, limit: 2, customerId, cursor };
      const { data, next } = await listConversions(world.core, recca, wish, terms);
      expect(data.length).toBeLessThanOrEqual(2);
      seen.push(...data);
      cursor = next;
    } while (cursor !== undefined);
    expect(seen.filter(({ leadId }) => leadId === lead.id).map(({ id }) => id)).toEqual(sold);
    expect(seen.length).toBeGreaterThan(sold.length);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  });
});

describe('data of a customer at Recca', () => {
  it('is their cabinet, account, tree, partners and totals', async () => {
    const { id } = await register();
    const whose = { customerId: id };
    expect(await readCustomer(world.core, recca, id, terms)).toMatchObject({
      id,
      displayName: 'Иван Иванов',
      externalId: 'mysite:vk:12345',
      operationId: expect.stringMatching(/^opr_/),
    });
    expect(await readSummary(world.core, recca, whose, terms)).toEqual({
      leadsCount: 4,
      cleared: rub('12800.00'),
      pending: rub('2800.00'),
    });
    const account = await listTransactions(world.core, recca, { limit: 2, ...whose }, terms);
    expect(account.data.map(({ amount }) => amount)).toEqual([rub('2800.00'), rub('10000.00')]);
    const rest = await listTransactions(
      world.core,
      recca,
      { limit: 2, cursor: account.next, ...whose },
      terms,
    );
    expect(rest).toMatchObject({ data: [{ amount: rub('2800.00') }] });
    const tree = await readTree(world.core, recca, { ...whose, maxDepth: 2 }, terms);
    expect(tree).toMatchObject({ root: { customerRef: 'ub_GB_xyz', parentRef: null }, truncated: true });
    const partners = await listPartners(world.core, recca, { ...page, ...whose }, terms);
    expect(partners.data.map(({ customerRef }) => customerRef)).toEqual(['ub_GB_anna', 'ub_GB_boris']);
  });

  it('is refused for a customer of another connection, and for an unsupported time range', async () => {
    const { id } = await register();
    const elsewhere = await world.connect('recca');
    await expect(readSummary(world.core, elsewhere, { customerId: id }, terms)).rejects.toMatchObject({
      code: 'not-found',
    });
    const dated = { ...page, customerId: id, from: '2026-11-01' };
    await expect(listLeads(world.core, recca, dated, terms)).rejects.toMatchObject({
      code: 'unsupported-field',
    });
    await expect(listLeads(world.core, recca, { ...dated, from: 'yesterday' }, terms)).rejects.toMatchObject({
      code: 'invalid-parameter',
    });
  });
});
