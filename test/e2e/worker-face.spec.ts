import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { freePort } from '#persistence/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.js';
import { flushableRedis } from '../support/redis.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

describe('the worker’s port', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
  });
  afterAll(() => world?.close());

  const start = async (port: number, more: NodeJS.ProcessEnv = {}) => {
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      HOST: '127.0.0.1',
      WORKER_PORT: String(port),
      LOG_LEVEL: 'warn',
      ...more,
    };
    const child = spawn(process.execPath, [await builtFile('apps/worker/src/main.js')], { env });
    let said = '';
    child.stderr.on('data', chunk => (said += chunk));
    const exit = once(child, 'close').then(([code]) => code as number | null);
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return { exit, get, said: () => said, stop: () => child.kill() };
  };

  it('reports liveness, readiness and metrics', async () => {
    const worker = await start(await freePort());
    await expect.poll(async () => (await worker.get('/readyz'))?.status).toBe(200);
    expect(await (await worker.get('/healthz'))!.json()).toEqual({ status: 'ok' });
    const metrics = (await worker.get('/metrics'))!;
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await metrics.text();
    expect(text).toContain('gateway_store_up{store="postgres"} 1');
    expect(text).toContain('gateway_oldest_operation_seconds{state="queued"} 0');
    expect(text).toMatch(/gateway_last_sweep_timestamp_seconds 1\d{9}/);
    expect(text).toContain('gateway_delivery_tries_total{result="given-up"} 0');
    expect((await worker.get('/v1/lanes'))!.status).toBe(404);
    // Keep-alive connections must not delay the shutdown.
    worker.stop();
    expect(await worker.exit).toBe(0);
  });

  it('is not ready while it cannot use its Redis, and reports it in its metrics', async () => {
    const redis = await flushableRedis();
    const worker = await start(await freePort(), { REDIS_URL: redis.url });
    await expect.poll(async () => (await worker.get('/readyz'))?.status).toBe(200);
    await redis.stop();
    const ready = (await worker.get('/readyz'))!;
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ detail: 'Not ready: Redis (REDIS_URL) cannot be used.' });
    expect((await worker.get('/healthz'))!.status).toBe(200);
    expect(await (await worker.get('/metrics'))!.text()).toContain('gateway_store_up{store="redis"} 0');
    worker.stop();
    expect(await worker.exit).toBe(0);
  });

  it('is bound before any work starts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const worker = await start(port);
    expect(await worker.exit).toBe(1);
    expect(worker.said()).toBe(
      `WORKER_PORT and HOST cannot be used (listen EADDRINUSE: address already in use 127.0.0.1:${port}): set them to an address of this machine and a free port.\n`,
    );
    other.close();
  });
});
