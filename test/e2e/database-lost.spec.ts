import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorkers } from '#outbound';
import type { OpenConnection, Workers } from '#outbound';
import { createTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway, Told } from '../support/gateway.js';
import { oldTill } from '../support/old-till.js';
import { openRelay } from '../support/relay.js';
import type { Relay } from '../support/relay.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

describe('a Postgres that fails while a caller waits for an accepted operation', () => {
  let database: TestDatabase;
  let port: number;
  let relay: Relay;
  let world: World;
  let workers: Workers;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeEach(async () => {
    database = await createTestDatabase();
    const way = new URL(database.url);
    port = Number(way.port);
    relay = await openRelay(port);
    way.hostname = '127.0.0.1';
    way.port = String(relay.port);
    world = await startWorld({ own: { database: { url: way.href, drop: () => database.drop() } } });
    workers = startWorkers(world.core, world.queues);
    gateway = await startGateway(world);
    uds = await world.connect('uds');
  });
  afterEach(async () => {
    await gateway.close();
    await workers.close();
    await world.close();
    await relay.close();
  });

  /** Sends a request, stops Postgres while UDS processes it, and restarts it after the caller's answer. */
  async function lostMeanwhile(ask: () => Promise<Told>): Promise<Told> {
    const slow = { fault: 'late-answer', params: { delayMs: 4_000 }, count: 1 };
    await world.control('faults', { provider: 'uds', method: 'POST', ...slow });
    const asked = ask();
    await expect.poll(async () => (await world.effects('uds')).length).toBe(1);
    const at = relay.port;
    await relay.close();
    const told = await asked;
    relay = await openRelay(port, at);
    return told;
  }

  it('gives an unknown outcome, and the final one on a repeat', async () => {
    const sell = () =>
      gateway.ask({
        method: 'POST',
        path: '/v1/purchases',
        headers: { 'idempotency-key': 'a-sale-that-is-lost', 'gateway-connection': uds.id },
        body: {
          identifier: { type: 'code', value: '123456' },
          merchantReference: 'lost-1',
          receipt: { total: { amount: '100.00', currency: 'RUB' } },
        },
      });
    expect(await lostMeanwhile(sell)).toMatchObject({
      status: 503,
      body: {
        code: 'dependency-unavailable',
        retryable: true,
        outcome: 'unknown',
        operationId: expect.stringMatching(/^opr_/),
      },
    });
    await expect.poll(async () => (await sell().catch(() => undefined))?.status).toBe(201);
    expect(await world.effects('uds')).toHaveLength(1);
  });

  it('gives 504 to an old till, and the final outcome on a repeat', async () => {
    const till = await oldTill(gateway, uds);
    const headers = { prefer: 'wait=4' };
    const sell = () => till.buy('code=123456&total=100&invoiceNumber=1', { headers });
    await till.get('company');
    expect(await lostMeanwhile(sell)).toMatchObject({ status: 504, body: { errorCode: 'timeout' } });
    await expect.poll(async () => (await sell()).status).toBe(200);
    expect(await world.effects('uds')).toHaveLength(1);
  });
});
