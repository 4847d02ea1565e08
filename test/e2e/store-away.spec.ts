import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startWorkers } from '#outbound';
import type { OpenConnection } from '#outbound';
import { Database, createDataSource } from '#persistence';
import type { TestGateway } from '../support/gateway.js';
import { oldTill } from '../support/old-till.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

const away = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const inDoubt = {
  status: 503,
  body: { code: 'dependency-unavailable', retryable: true, outcome: 'unknown' },
};

describe('Postgres that fails during a request', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres', sandbox: { only: ['uds'] } });
    ({ world, gateway } = stack);
    uds = await world.connect('uds');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => stack.close());

  const headers = (key: string, wait: number) => ({
    'gateway-connection': uds.slug,
    'idempotency-key': key,
    'accept-language': 'ru',
    prefer: `wait=${wait}`,
  });
  const buy = (merchantReference: string, key: string, wait = 20) =>
    gateway.ask({
      method: 'POST',
      path: '/v1/purchases',
      body: {
        identifier: { type: 'code', value: '123456' },
        merchantReference,
        receipt: { total: { amount: '100.00', currency: 'RUB' } },
      },
      headers: headers(key, wait),
    });
  const effectsOf = async (reference: string) =>
    (await world.effects('uds')).filter(({ key }) => key === reference);
  const loseCommit = () => {
    const { database } = world.core;
    const transaction = database.transaction.bind(database);
    vi.spyOn(database, 'transaction').mockImplementationOnce(async work => {
      await transaction(work);
      throw away();
    });
  };
  const slowly = (delayMs: number) =>
    world.control('faults', {
      provider: 'uds',
      method: 'POST',
      fault: 'late-answer',
      params: { delayMs },
      count: 1,
    });

  it('never answers not-executed when only the answer to the COMMIT was lost', async () => {
    const key = randomUUID();
    loseCommit();
    const told = await buy('away-1', key, 0);
    expect(told).toMatchObject(inDoubt);
    expect(told.body.userMessage).toContain('неизвестно, прошла ли операция');
    const workers = startWorkers(world.core, world.queues);
    const repeated = () => buy('away-1', key);
    await expect.poll(repeated).toMatchObject({ status: 201, body: { merchantReference: 'away-1' } });
    await workers.close();
    expect(await effectsOf('away-1')).toHaveLength(1);
  });

  it('names an accepted operation that cannot be read', async () => {
    const key = randomUUID();
    await slowly(1_500);
    const read = vi.spyOn(world.core.stores.operations, 'byId').mockRejectedValue(away());
    const told = await buy('away-2', key, 1);
    expect(told).toMatchObject({ ...inDoubt, headers: { 'retry-after': '1' } });
    expect(told.body.operationId).toMatch(/^opr_/);
    read.mockRestore();
    // One that got no start within that second is left to a worker.
    const workers = startWorkers(world.core, world.queues);
    expect(await buy('away-2', key)).toMatchObject({
      status: 201,
      body: { operationId: told.body.operationId, state: 'succeeded' },
    });
    await workers.close();
    expect(await effectsOf('away-2')).toHaveLength(1);
  });

  it('is told as away where it cancels a statement, as after `statement_timeout`', async () => {
    const key = randomUUID();
    await slowly(500);
    vi.spyOn(world.core.stores.operations, 'byId').mockImplementationOnce(tx =>
      tx.query('select pg_cancel_backend(pg_backend_pid()), pg_sleep(60)'),
    );
    expect(await buy('cancelled', key, 0)).toMatchObject(inDoubt);
    const workers = startWorkers(world.core, world.queues);
    expect(await buy('cancelled', key)).toMatchObject({ status: 201 });
    await workers.close();
    expect(await effectsOf('cancelled')).toHaveLength(1);
  });

  it('is told as away where it answers but takes no writes, as with a full disk', async () => {
    const { core, settings } = world;
    const { database } = core;
    const url = new URL(settings.databaseUrl);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const source = await createDataSource(url.href).initialize();
    onTestFinished(async () => {
      Object.assign(core, { database });
      await source.destroy();
    });
    Object.assign(core, { database: new Database(source) });
    expect(await buy('read-only', randomUUID())).toMatchObject(inDoubt);
    expect(await gateway.ask({ path: '/readyz', key: null })).toMatchObject({
      status: 503,
      body: { detail: 'Not ready: Postgres (DATABASE_URL) cannot be used.' },
    });
    expect(await effectsOf('read-only')).toEqual([]);
  });

  it('is waited for as long as the caller waits', async () => {
    await slowly(800);
    const read = vi.spyOn(world.core.stores.operations, 'byId').mockRejectedValue(away());
    expect(await buy('away-3', randomUUID())).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect(read).toHaveBeenCalled();
  });

  it('does not answer not-executed for an existing sale when its connection cannot be read', async () => {
    const key = randomUUID();
    expect(await buy('away-4', key)).toMatchObject({ status: 201 });
    vi.spyOn(world.core.stores.connections, 'find').mockRejectedValueOnce(away());
    expect(await buy('away-4', key)).toMatchObject(inDoubt);
    expect(await buy('away-4', key)).toMatchObject({ status: 201 });
  });

  it('is not waited for much longer than the caller’s wait when silent', async () => {
    const key = randomUUID();
    expect(await buy('away-5', key)).toMatchObject({ status: 201 });
    vi.spyOn(world.core.stores.connections, 'find').mockReturnValue(new Promise(() => undefined));
    const told = await buy('away-5', key, 0);
    expect(told).toMatchObject({ ...inDoubt, headers: { 'retry-after': '1', 'content-language': 'ru' } });
    expect(told.headers['content-type']).toContain('application/problem+json');
  });

  it('is not waited for much longer by an old till, which gets v1 format', async () => {
    const till = await oldTill(gateway, uds);
    const silent = { headers: { prefer: 'wait=0' } };
    await till.get('company', silent);
    vi.spyOn(world.core.stores.connections, 'find').mockReturnValue(new Promise(() => undefined));
    const told = await till.buy('code=123456&total=100&invoiceNumber=away-6', silent);
    expect(told).toMatchObject({
      status: 504,
      body: { errorCode: 'timeout', message: expect.stringContaining('Исход операции пока неизвестен') },
    });
    expect(told.headers['content-type']).toContain('application/json');
  });

  describe('and an old till that got an unknown outcome', () => {
    const SALE = 'total=100&invoiceNumber=';
    const soon = { headers: { prefer: 'wait=1' } };
    // A code is valid for one sale.
    beforeEach(() => world.control('reset', { provider: 'uds' }));
    const count = async (rows: string) =>
      (await world.core.database.direct.query<unknown[]>(`select 1 from ${rows}`)).length;
    const doubts = () => count(`idempotency_keys where key like 'doubt-%'`);
    const unfinished = () => count('operations where finished_at is null');

    it('sells once, also with a new code, when only the booking could not be read', async () => {
      const till = await oldTill(gateway, uds);
      vi.spyOn(world.core.stores.purchases, 'byOperation').mockRejectedValueOnce(away());
      expect(await till.buy(`code=111111&${SALE}away-7`)).toMatchObject({ status: 504 });
      expect(await till.buy(`code=111112&${SALE}away-7`)).toMatchObject({ status: 200 });
      expect(await effectsOf('away-7')).toHaveLength(1);
    });

    it('sells once, also with a new code, when only the answer to the COMMIT was lost', async () => {
      const till = await oldTill(gateway, uds);
      await till.get('company');
      loseCommit();
      expect(await till.buy(`code=111111&${SALE}away-9`)).toMatchObject({ status: 504 });
      const workers = startWorkers(world.core, world.queues);
      const patient = { headers: { prefer: 'wait=20' } };
      const repeated = () => till.buy(`code=111112&${SALE}away-9`, patient);
      await expect.poll(repeated).toMatchObject({ status: 200 });
      await expect.poll(unfinished).toBe(0);
      await workers.close();
      expect(await effectsOf('away-9')).toHaveLength(1);
    });

    it('sells once, also with a new code, when the sale continued after that answer', async () => {
      const till = await oldTill(gateway, uds);
      await till.get('company');
      const before = await doubts();
      const { connections } = world.core.stores;
      const find = connections.find.bind(connections);
      let back = () => {};
      const returned = new Promise<void>(resolve => (back = resolve));
      vi.spyOn(connections, 'find').mockImplementationOnce(async (...asked) => {
        await returned;
        return find(...asked);
      });
      expect(await till.buy(`code=111111&${SALE}away-8`, soon)).toMatchObject({ status: 504 });
      back();
      await expect.poll(doubts).toBe(before + 1);
      expect(await till.buy(`code=111112&${SALE}away-8`)).toMatchObject({ status: 200 });
      expect(await effectsOf('away-8')).toHaveLength(1);
    });
  });

  it('answers not-executed for reads', async () => {
    vi.spyOn(world.core.stores.connections, 'find').mockRejectedValue(away());
    const lookup = await gateway.ask({
      method: 'POST',
      path: '/v1/customers/lookup',
      body: { identifier: { type: 'code', value: '123456' } },
      headers: { 'gateway-connection': uds.slug },
    });
    expect(lookup).toMatchObject({ status: 503, body: { outcome: 'not-executed' } });
  });
});
