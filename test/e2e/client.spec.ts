import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLoyaltyClient, verifyWebhook, WebhookVerificationError } from '#client';
import type { LoyaltyClient, LoyaltyClientOptions } from '#client';
import { fileKeys } from '#client/file-keys';
import { startEventWorkers } from '#events';
import { startWorkers } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startReceiver } from '../../libs/events/src/testing/receiver.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startLossyProxy } from '../support/lossy-proxy.js';
import type { LossyProxy } from '../support/lossy-proxy.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const anna = { type: 'code', value: '123456' } as const;
const sale = (merchantReference: string, receipt: object = {}) => ({
  identifier: anna,
  merchantReference,
  receipt: { total: rub('1000.00'), ...receipt },
});
const quickly = { attempts: 4, firstPauseMs: 10, longestPauseMs: 20 };

describe('the client library against a gateway over HTTP', () => {
  let world: World;
  let gateway: TestGateway;
  let url: string;
  let uds: OpenConnection;
  let proxy: LossyProxy;
  let closeWorkers: () => Promise<unknown>;

  beforeAll(async () => {
    world = await startWorld();
    const workers = startWorkers(world.core, world.queues);
    const events = await startEventWorkers(world, world.settings.databaseUrl, { schedule: [0, 50] });
    closeWorkers = () => Promise.all([workers.close(), events.close()]);
    gateway = await startGateway(world);
    url = await gateway.listen();
  });
  afterAll(async () => {
    await gateway.close();
    await closeWorkers();
    await world.close();
  });
  beforeEach(async () => {
    await world.control('reset', { provider: 'uds' });
    await world.control('reset', { provider: 'loyalclient' });
    uds = await world.connect('uds');
    proxy = await startLossyProxy(url);
  });
  afterEach(() => proxy.close());

  const client = (options: Partial<LoyaltyClientOptions> = {}): LoyaltyClient =>
    createLoyaltyClient({
      baseUrl: proxy.url,
      apiKey: gateway.key,
      connection: uds.id,
      retry: quickly,
      ...options,
    });
  const bookings = async () => (await world.effects('uds')).filter(({ type }) => type === 'purchase');

  it('looks up, quotes, sells and refunds', async () => {
    const loyalty = client();
    const { data: customer } = await loyalty.api.POST('/v1/customers/lookup', { body: { identifier: anna } });
    expect(customer).toMatchObject({ member: true, displayName: 'Анна Смирнова' });
    const receipt = { total: rub('1000.00'), redeemPoints: '100' };
    const identityToken = customer!.identityToken!.token;
    const { data: quote } = await loyalty.api.POST('/v1/quotes', { body: { identityToken, receipt } });
    expect(quote).toMatchObject({ payable: rub('900.00') });
    const sold = await loyalty.purchase({ identityToken, merchantReference: 'client-1', receipt });
    if (sold.outcome !== 'done') throw new Error(JSON.stringify(sold));
    expect(sold).toMatchObject({ replayed: false, resource: { result: { payable: rub('900.00') } } });
    const back = await loyalty.refund(sold.resource.id, { merchantReference: 'client-1-back' });
    expect(back).toMatchObject({ outcome: 'done', resource: { amount: rub('1000.00'), state: 'succeeded' } });
    expect((await world.effects('uds')).map(({ type }) => type)).toEqual(['purchase', 'refund']);
  });

  it('holds and releases points at the connection named in a call', async () => {
    const { id: connection } = await world.connect('loyalclient');
    const who = { identifier: { type: 'phone', value: '+79031234567' }, locationId: 'shop-1' } as const;
    const held = await client().hold({ ...who, points: '100' }, { connection });
    if (held.outcome !== 'done') throw new Error(JSON.stringify(held));
    expect(held.resource).toMatchObject({ guarantee: 'provider', state: 'active', points: '100' });
    const free = await client().release(held.resource.id, { reason: 'customer left' }, { connection });
    expect(free).toMatchObject({ outcome: 'done', resource: { state: 'released' } });
  });

  it('repeats under the same key after a lost answer: one effect', async () => {
    proxy.lose('answer', 2);
    const sold = await client().purchase(sale('client-2', { redeemPoints: '50' }));
    expect(sold).toMatchObject({ outcome: 'done', replayed: true, resource: { state: 'succeeded' } });
    expect(proxy.keys).toHaveLength(3);
    expect(new Set(proxy.keys)).toEqual(new Set([sold.key]));
    expect(await bookings()).toHaveLength(1);
  });

  it('repeats when the request never arrived', async () => {
    proxy.lose('request', 1);
    const sold = await client().purchase(sale('client-3'));
    expect(sold).toMatchObject({ outcome: 'done', replayed: false });
    expect(await bookings()).toHaveLength(1);
  });

  it('reports unknown without an answer; after a crash the same sale finds the existing one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'client-keys-'));
    proxy.lose('answer', Infinity);
    const lost = await client({ keyStore: fileKeys(directory) }).purchase(sale('client-4'));
    expect(lost).toMatchObject({ outcome: 'unknown', cause: expect.any(Error) as Error });
    expect(lost).not.toHaveProperty('operation');
    await expect.poll(bookings).toHaveLength(1);

    proxy.lose('answer', 0);
    const restarted = client({ keyStore: fileKeys(directory) });
    const sold = await restarted.purchase(sale('client-4'));
    expect(sold).toMatchObject({ outcome: 'done', replayed: true, key: lost.key });
    expect(await bookings()).toHaveLength(1);
    expect(await readdir(directory)).toHaveLength(1);
    await rm(directory, { recursive: true });
  });

  it('reports an unknown outcome with its operation, and the final outcome on a repeat', async () => {
    await world.control('faults', [
      { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 },
      // The first look fails too, so that the sale stays unknown longer than the client waits.
      { provider: 'uds', method: 'GET', pathPattern: '^/operations', fault: '500-without-commit', count: 1 },
    ]);
    const lost = await client().purchase(sale('client-5'), { waitMs: 2_400 });
    if (lost.outcome !== 'unknown') throw new Error(JSON.stringify(lost));
    expect(lost.operation).toMatchObject({ kind: 'createPurchase', merchantReference: 'client-5' });
    const operation = await client().settled(lost.operation!.id);
    expect(operation).toMatchObject({ state: 'succeeded', outcome: 'executed' });
    const sold = await client().purchase(sale('client-5'));
    expect(sold).toMatchObject({ outcome: 'done', resource: { merchantReference: 'client-5' } });
    expect(await bookings()).toHaveLength(1);
  });

  it('returns a refusal in the cashier’s language, and sends a new request the next time', async () => {
    const loyalty = client({ language: 'ru' });
    const refused = await loyalty.purchase(sale('client-6', { redeemPoints: '900' }));
    expect(refused).toMatchObject({
      outcome: 'refused',
      problem: { code: 'redeem-limit-exceeded', userMessage: expect.stringMatching(/[а-я]/) as string },
    });
    const again = await loyalty.purchase(sale('client-6', { redeemPoints: '900' }));
    expect(again.outcome).toBe('refused');
    expect(again.key).not.toBe(refused.key);
    expect(proxy.keys).toEqual([refused.key, again.key]);
    expect((await loyalty.purchase(sale('client-6'))).outcome).toBe('done');
  });

  it('distinguishes a second hold from a repeated one by the intent', async () => {
    const { id: connection } = await world.connect('loyalclient');
    const body = {
      identifier: { type: 'phone', value: '+79200000002' },
      locationId: 'shop-2',
      points: '10',
    } as const;
    const loyalty = client();
    const idOf = async (intent: string) => {
      const held = await loyalty.hold(body, { connection, intent });
      return held.outcome === 'done' ? held.resource.id : JSON.stringify(held);
    };
    const first = await idOf('till-1/receipt-1');
    expect(await idOf('till-1/receipt-1')).toBe(first);
    expect(await idOf('till-1/receipt-2')).not.toBe(first);
    const other = await loyalty.hold({ ...body, points: '11' }, { connection, intent: 'till-1/receipt-1' });
    expect(other).toMatchObject({ outcome: 'refused', problem: { code: 'idempotency-key-reused' } });
    expect(await idOf('till-1/receipt-1')).toBe(first);
  });

  it('repeats a look-up whose answer is lost, but no write without a key', async () => {
    const loyalty = client();
    proxy.lose('answer', 1);
    const { data } = await loyalty.api.POST('/v1/customers/lookup', { body: { identifier: anna } });
    expect(data).toMatchObject({ member: true });
    proxy.lose('answer', 1);
    await expect(loyalty.api.POST('/v1/api-keys', { body: { name: 'till', scopes: [] } })).rejects.toThrow();
    expect(proxy.requests.filter(line => line === 'POST /v1/api-keys')).toHaveLength(1);
  });

  it('verifies the webhook of a sale, and rejects an altered one', async () => {
    const receiver = await startReceiver();
    const loyalty = client();
    const { data: subscription } = await loyalty.api.POST('/v1/subscriptions', {
      body: { target: { type: 'webhook', url: receiver.url }, events: ['purchase.succeeded'] },
    });
    const sold = await loyalty.purchase(sale(`client-${randomUUID()}`));
    if (sold.outcome !== 'done') throw new Error(JSON.stringify(sold));
    // An event of an earlier sale, fanned out late, may come here too.
    const ofSale = () => receiver.received.find(({ body }) => body.includes(sold.resource.id));
    await expect.poll(ofSale).toBeDefined();
    const { headers, body } = ofSale()!;
    const secret = subscription!.secret!;
    const event = verifyWebhook(secret, headers, body);
    expect(event).toMatchObject({ type: 'purchase.succeeded', id: headers['webhook-id'] });
    expect(JSON.stringify(event.data)).toContain(sold.resource.id);
    expect(verifyWebhook(secret, new Headers(headers as Record<string, string>), Buffer.from(body))).toEqual(
      event,
    );
    const forged = body.replace('purchase.succeeded', 'purchase.rejected');
    expect(() => verifyWebhook(secret, headers, forged)).toThrow(WebhookVerificationError);
    expect(() => verifyWebhook(secret, {}, body)).toThrow(WebhookVerificationError);
    await receiver.close();
  });
});
