import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOKS, MOST_WAITING } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

describe('a gateway that cannot keep up', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres' });
    ({ world, gateway } = stack);
    uds = await world.connect('uds');
  });
  beforeEach(() => lookedAt(0));
  afterAll(() => stack.close());

  const lookedAt = (lateMs: number, looks = LOOKS) => {
    for (let look = 0; look < looks; look++) world.core.loadShedder.noteLag(lateMs);
  };
  const sale = (merchantReference: string) => ({
    identifier: { type: 'phone', value: '+79991234567' },
    merchantReference,
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  });
  const buy = (merchantReference: string, key: string = randomUUID(), headers: Record<string, string> = {}) =>
    gateway.ask({
      method: 'POST',
      path: '/v1/purchases',
      body: sale(merchantReference),
      headers: { 'gateway-connection': uds.slug, 'idempotency-key': key, prefer: 'wait=20', ...headers },
    });
  const program = (wait = 4) =>
    gateway.ask({
      path: '/v1/program',
      headers: { 'gateway-connection': uds.slug, prefer: `wait=${wait}` },
    });
  const refused = {
    status: 503,
    body: { code: 'dependency-unavailable', retryable: true, outcome: 'not-executed' },
  };

  it('refuses new work before accepting or sending it, and accepts it after recovery', async () => {
    lookedAt(6_000);
    const key = randomUUID();
    const calls = (await world.journal('uds')).length;
    const told = await buy('late-1', key);
    expect(told).toMatchObject({ ...refused, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(told.body.detail).toContain('6.0 s late');
    expect(await program()).toMatchObject(refused);
    expect(await world.journal('uds')).toHaveLength(calls);
    expect((await gateway.ask({ path: '/v1/operations' })).body.data).toEqual([]);
    world.core.loadShedder.noteLag(0);
    expect(await buy('late-1', key)).toMatchObject({ status: 201 });
  });

  it('serves stored results: keys, merchant references, operations, lanes, health', async () => {
    const key = randomUUID();
    const first = await buy('late-2', key);
    expect(first.status).toBe(201);
    lookedAt(20_000);
    expect(await buy('late-2', key)).toMatchObject({ status: 201, body: { id: first.body.id } });
    expect(await buy('late-2')).toMatchObject({ status: 200, body: { id: first.body.id } });
    const paths = [`/v1/operations/${first.body.operationId}`, '/v1/lanes', '/healthz', '/v1/purchases'];
    for (const path of paths) expect(await gateway.ask({ path })).toMatchObject({ status: 200 });
  });

  it('serves stored results also for sales that read the balance first', async () => {
    const holder = await world.connect('uds', { advisoryHolds: true });
    const spend = () =>
      gateway.ask({
        method: 'POST',
        path: '/v1/purchases',
        body: {
          identifier: { type: 'code', value: '000123' },
          merchantReference: 'late-3',
          receipt: { total: { amount: '1000.00', currency: 'RUB' }, redeemPoints: '10' },
        },
        headers: { 'gateway-connection': holder.slug, 'idempotency-key': randomUUID(), prefer: 'wait=20' },
      });
    const first = await spend();
    expect(first.status).toBe(201);
    lookedAt(20_000);
    expect(await spend()).toMatchObject({ status: 200, body: { id: first.body.id } });
  });

  it('sends nothing to an overloaded Postgres, and resumes after recovery', async () => {
    const key = randomUUID();
    const first = await buy('late-4', key);
    const line = vi.spyOn(world.core.database, 'waiting', 'get').mockReturnValue(MOST_WAITING + 1);
    expect(await buy('late-4', key)).toMatchObject({ status: 201, body: { id: first.body.id } });
    lookedAt(1_500);
    // The database was not queried for the stored sale.
    const told = await buy('late-4', key);
    expect(told).toMatchObject({ status: 503, body: { outcome: 'unknown' } });
    expect(told.body.detail).toContain('was refused unread');
    expect(told.body.detail).not.toContain('Nothing of this call was accepted');
    expect(await program(25)).toMatchObject(refused);
    line.mockRestore();
    expect(await buy('late-4', key)).toMatchObject({ status: 201, body: { id: first.body.id } });
  });

  it('is not ready meanwhile, and reports its lateness', async () => {
    lookedAt(2_500);
    const { body } = await gateway.ask({ path: '/metrics', key: null });
    expect(body).toContain('gateway_late_seconds 2.5');
    expect(body).toMatch(/gateway_refused_late_total [1-9]/);
    const told = await gateway.ask({ path: '/readyz', key: null });
    expect(told).toMatchObject({ status: 503, body: { code: 'dependency-unavailable' } });
    expect(told.body.detail).toContain('2.5 s late');
    lookedAt(0);
    expect(await gateway.ask({ path: '/readyz', key: null })).toMatchObject({ status: 200 });
  });

  it('uses v1 format for old tills', async () => {
    lookedAt(6_000);
    const told = await gateway.ask({
      path: '/compat/uds/v1/partner/company',
      headers: { 'x-api-key': gateway.key, 'gateway-connection': uds.slug },
      key: null,
    });
    expect(told).toMatchObject({ status: 503, body: { errorCode: 'temporarilyUnavailable' } });
  });

  it('refuses nothing after a short stall, with a small delay or for a patient caller', async () => {
    lookedAt(20_000, LOOKS - 1);
    expect(await program()).toMatchObject({ status: 200 });
    lookedAt(900);
    expect(await program(0)).not.toMatchObject({ body: { code: 'dependency-unavailable' } });
    lookedAt(1_500);
    expect(await program()).toMatchObject(refused);
    expect(await program(7)).toMatchObject({ status: 200 });
  });
});
