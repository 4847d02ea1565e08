import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { purchaseKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const code = { type: 'code', value: '123456' };
const phone = { type: 'phone', value: '+79031234567' };

describe('a till whose provider falls silent', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    stack = await startStack({ workers: true });
    ({ world, gateway } = stack);
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    await world.control('reset', { provider: 'uds' });
    uds = await world.connect('uds');
  });

  const post = (path: string, body: unknown, prefer = 'wait=20', key: string = randomUUID()) =>
    gateway.ask({
      method: 'POST',
      path,
      body,
      headers: { 'gateway-connection': uds.id, 'idempotency-key': key, prefer },
    });
  const buy = (reference: string, more: object, prefer?: string, key?: string) =>
    post('/v1/purchases', { identifier: phone, merchantReference: reference, ...more }, prefer, key);
  const fault = (method: string, kind: string, count: number) =>
    world.control('faults', { provider: 'uds', method, fault: kind, count });
  const stateOf = async (id: string) =>
    (await world.core.stores.operations.byId(world.core.database.direct, id))!.state;

  it('gets a time-out with readable milliseconds', async () => {
    await fault('GET', 'black-hole', 9);
    const answer = await post('/v1/customers/lookup', { identifier: phone }, 'wait=3');
    expect(answer).toMatchObject({ status: 504, body: { code: 'provider-timeout' } });
    expect(answer.body.provider.message).toMatch(/within \d{1,4} ms/);
  });

  it('is answered at once with wait=0', async () => {
    await fault('GET', 'black-hole', 9);
    const answer = await post('/v1/customers/lookup', { identifier: phone }, 'wait=0');
    expect(answer).toMatchObject({ status: 504, body: { code: 'provider-timeout' } });
    const [, ms] = /within (\d+) ms/.exec(answer.body.provider.message)!;
    expect(Number(ms)).toBeLessThanOrEqual(150);
  });

  it('gets a second sale under the same receipt number, though the first matches the lost one', async () => {
    const receipt = { total: rub('100.00'), number: '1' };
    const first = await buy('till-1', { receipt });
    expect(first.status).toBe(201);
    await fault('POST', 'reset-before-reading', 1);
    const second = await buy('till-2', { receipt }, 'wait=10');
    expect(second).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect((await world.effects('uds')).filter(({ type }) => type === 'purchase')).toHaveLength(2);
    expect(second.body.result.providerOperationId).not.toBe(first.body.result.providerOperationId);
  });

  it('does not take the effect of an equal sale in progress', async () => {
    const receipt = { total: rub('100.00'), number: '2' };
    await fault('POST', 'commit-then-hang', 1);
    const first = await buy('equal-1', { receipt }, 'respond-async');
    const bookings = async () =>
      (await world.effects('uds')).filter(({ type }) => type === 'purchase').length;
    await expect.poll(bookings).toBe(1);
    await fault('POST', 'reset-before-reading', 1);
    const second = await buy('equal-2', { receipt }, 'respond-async');
    for (const { body } of [second, first]) await expect.poll(() => stateOf(body.id)).toBe('succeeded');
    expect(await bookings()).toBe(2);
    const ids = await Promise.all(
      [first, second].map(async ({ body }) => {
        const { body: sale } = await gateway.ask({ path: `/v1/purchases/${body.resource.id}` });
        return sale.result.providerOperationId;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['502-html', '503-html'])(
    'is told to retry when a proxy answers for the provider: %s',
    async page => {
      await fault('GET', page, 2);
      const answer = await post('/v1/customers/lookup', { identifier: phone });
      expect(answer).toMatchObject({ status: 502, body: { code: 'provider-error', retryable: true } });
    },
  );

  it('gets a person’s resolution again under its key, and no other', async () => {
    // Without workers nobody looks for the sale before the person has decided.
    const still = await startStack({ sandbox: { only: ['uds'] } });
    onTestFinished(() => still.close());
    const lostAnswer = { provider: 'uds', method: 'POST', fault: 'reset-before-reading', count: 1 };
    await still.world.control('faults', lostAnswer);
    const body = { identifier: phone, merchantReference: 'settled-by-hand', receipt: { total: rub('7.00') } };
    const shop = await still.world.connect('uds');
    const { operationId } = await still.world.attempt(purchaseKind, shop, { body });
    const key = randomUUID();
    const resolve = (note: string) =>
      still.gateway.ask({
        method: 'POST',
        path: `/v1/operations/${operationId}/resolve`,
        body: { outcome: 'not-executed', note },
        headers: { 'idempotency-key': key, 'accept-language': 'ru' },
      });
    const [first, again] = [await resolve('not in the cabinet'), await resolve('not in the cabinet')];
    expect(first).toMatchObject({ status: 200, body: { state: 'rejected' } });
    expect(first.body.problem.userMessage).toMatch(/[а-я]/);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again).toMatchObject({
      status: 200,
      body: first.body,
      headers: { 'idempotency-replayed': 'true' },
    });
    expect(await resolve('another word')).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
  });

  it('is refused a further spend within its wait, also while reconciliation of the first hangs', async () => {
    const spend = { identifier: code, receipt: { total: rub('1000.00'), redeemPoints: '50' } };
    await fault('POST', 'reset-before-reading', 9);
    const lost = await buy('spend-1', spend, 'respond-async');
    await expect.poll(() => stateOf(lost.body.id)).toBe('unknown');
    await fault('GET', 'black-hole', 99);
    const key = randomUUID();
    let further = await buy('spend-2', spend, 'wait=1', key);
    // On a slow machine the answer is not ready within the wait, and the next request under the key gets it.
    while (further.status === 202) further = await buy('spend-2', spend, 'wait=1', key);
    expect(further).toMatchObject({ status: 409, body: { code: 'customer-operation-unresolved' } });
  });

  it('gets the provider’s answer with `include=raw`, also from a shared answer', async () => {
    const program = (query: string) =>
      gateway.ask({ path: `/v1/program${query}`, headers: { 'gateway-connection': uds.id } });
    const [shared, raw] = [await program(''), await program('?include=raw')];
    expect(shared.body).not.toHaveProperty('raw');
    expect(raw.body).toMatchObject({ ...shared.body, raw: { baseDiscountPolicy: expect.any(String) } });
  });

  it('gets it with a quote', async () => {
    const quote = (query: string) =>
      gateway.ask({
        method: 'POST',
        path: `/v1/quotes${query}`,
        body: { identifier: code, receipt: { total: rub('1000.00') } },
        headers: { 'gateway-connection': uds.id },
      });
    const [plain, raw] = [await quote(''), await quote('?include=raw')];
    expect(plain.body).not.toHaveProperty('raw');
    expect(raw.body).toEqual({ ...plain.body, raw: expect.objectContaining({ user: expect.any(Object) }) });
    expect((await quote('?include=all')).body.code).toBe('invalid-parameter');
  });
});
