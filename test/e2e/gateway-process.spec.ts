import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#persistence/embedded';
import { afterEach, describe, expect, it } from 'vitest';
import { newKey } from '../../apps/gateway/src/auth/key-hash.js';
import { builtFile } from '../support/built.js';
import { flushableRedis, redisUrl } from '../support/redis.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

interface Run {
  exit: Promise<number | null>;
  said(): string;
  stop(...signals: NodeJS.Signals[]): void;
}

async function run(app: 'gateway' | 'worker', env: NodeJS.ProcessEnv): Promise<Run> {
  const file = await builtFile(`apps/${app}/src/main.js`);
  const child = spawn(process.execPath, [file], { env: { PATH: process.env['PATH'], ...env } });
  let said = '';
  child.stdout.on('data', chunk => (said += chunk));
  child.stderr.on('data', chunk => (said += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const stop = (...signals: NodeJS.Signals[]): void =>
    (signals.length > 0 ? signals : (['SIGTERM'] as const)).forEach(signal => child.kill(signal));
  return { exit, said: () => said, stop };
}

describe('the gateway as a process', () => {
  let world: World | undefined;
  const runs: Run[] = [];

  afterEach(async () => {
    for (const one of runs.splice(0)) {
      one.stop();
      await one.exit;
    }
    await world?.close();
    world = undefined;
  });

  it.each(['gateway', 'worker'] as const)(
    'does not start the %s with a bad setting, and says which',
    async app => {
      const { exit, said } = await run(app, {
        DATABASE_URL: 'postgres://127.0.0.1:1/none',
        MASTER_KEY: 'c2hvcnQ=',
      });
      expect(await exit).toBe(1);
      expect(said()).toBe(
        'MASTER_KEY has 5 bytes; it must have 32, in base64; make one with: openssl rand -base64 32\n',
      );
    },
  );

  it.each(['gateway', 'worker'] as const)(
    'does not start the %s without its database, and logs its address in one line without the password',
    async app => {
      const { exit, said } = await run(app, {
        DATABASE_URL: 'postgres://user:secret@127.0.0.1:1/none',
        MASTER_KEY: randomBytes(32).toString('base64'),
      });
      expect(await exit).toBe(1);
      expect(said()).toBe(
        'Postgres cannot be used at 127.0.0.1:1/none (connect ECONNREFUSED 127.0.0.1:1): start it, or correct DATABASE_URL.\n',
      );
    },
  );

  it.each(['gateway', 'worker'] as const)(
    'does not start the %s with a database number that Redis does not have, and says so',
    async app => {
      const { exit, said } = await run(app, {
        DATABASE_URL: 'postgres://127.0.0.1:1/none',
        REDIS_URL: `${(await redisUrl()).replace(/\/\d*$/, '')}/99999`,
        MASTER_KEY: randomBytes(32).toString('base64'),
      });
      expect(await exit).toBe(1);
      expect(said()).toBe('Redis cannot be used (ERR DB index is out of range): correct REDIS_URL.\n');
    },
  );

  it('logs once that its Redis is unreachable, and is not ready', async () => {
    world = await startWorld({ store: 'postgres' });
    const port = await freePort();
    const one = await run('gateway', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      REDIS_URL: 'redis://127.0.0.1:1',
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    });
    runs.push(one);
    const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    await expect.poll(async () => (await ready())?.status).toBe(503);
    expect(await (await ready())!.json()).toMatchObject({
      code: 'dependency-unavailable',
      detail: 'Not ready: Redis (REDIS_URL) cannot be used.',
    });
    expect(one.said().match(/Redis \(REDIS_URL\) cannot be used/g)).toHaveLength(1);
    expect(one.said()).not.toContain(' at ');
  });

  it('makes the first key where none is given and the database has none, and shows it once', async () => {
    world = await startWorld({ store: 'postgres' });
    const start = async () => {
      const port = await freePort();
      const one = await run('gateway', {
        DATABASE_URL: world!.settings.databaseUrl,
        MASTER_KEY: world!.settings.masterKey.toString('base64'),
        PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
      });
      runs.push(one);
      const ask = (path: string, key = '') =>
        fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${key}` } }).then(
          answer => answer.status,
          () => 0,
        );
      return { one, ask, ready: () => expect.poll(() => ask('/readyz')).toBe(200) };
    };
    const replicas = await Promise.all([start(), start()]);
    await Promise.all(replicas.map(({ ready }) => ready()));
    const shown = replicas.flatMap(({ one }) => one.said().match(/lgk_[\w-]+/g) ?? []);
    expect(shown).toHaveLength(1);
    for (const { ask } of replicas) expect(await ask('/v1/tenants', shown[0])).toBe(200);
    const later = await start();
    await later.ready();
    expect(later.one.said()).toBe('');
    expect(await later.ask('/v1/tenants', shown[0])).toBe(200);
  });

  it('logs once why the worker cannot use its Redis, and when it can again', async () => {
    world = await startWorld({ store: 'postgres' });
    const redis = await flushableRedis();
    await redis.stop();
    const one = await run('worker', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      REDIS_URL: redis.url,
      LOG_LEVEL: 'info',
    });
    runs.push(one);
    const away = 'not ready: Redis (REDIS_URL) cannot be used';
    await expect.poll(() => one.said()).toContain(away);
    expect(one.said()).toContain('ECONNREFUSED');
    await redis.start();
    await expect.poll(() => one.said()).toContain('ready again');
    expect(one.said().split(away)).toHaveLength(2);
    one.stop();
    expect(await one.exit).toBe(0);
    await redis.stop();
  });

  it.each(['was never there', 'has gone'])('shuts the worker down cleanly when Redis %s', async how => {
    world = await startWorld({ store: 'postgres' });
    const redis = how === 'has gone' ? await flushableRedis() : undefined;
    const one = await run('worker', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      REDIS_URL: redis?.url ?? 'redis://127.0.0.1:1',
      LOG_LEVEL: 'info',
    });
    runs.push(one);
    await expect.poll(() => one.said()).toContain('the worker takes jobs');
    await redis?.stop();
    one.stop();
    expect(await one.exit).toBe(0);
    expect(one.said()).toContain('stopping while Redis (REDIS_URL) cannot be used');
  });

  it('shuts down cleanly when it is stopped twice', async () => {
    world = await startWorld({ store: 'postgres' });
    const port = await freePort();
    const one = await run('gateway', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      BOOTSTRAP_API_KEY: newKey(),
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    });
    runs.push(one);
    await expect
      .poll(() =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      )
      .toBe(true);
    one.stop('SIGINT', 'SIGTERM');
    expect(await one.exit).toBe(0);
    expect(one.said()).toBe('');
  });

  it('shuts down cleanly with an idle open connection', async () => {
    world = await startWorld({ store: 'postgres' });
    const port = await freePort();
    const one = await run('gateway', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      BOOTSTRAP_API_KEY: newKey(),
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    });
    runs.push(one);
    const ready = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(ready).toBe(true);
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    // Connections are accepted in order.
    await ready();
    one.stop();
    expect(await one.exit).toBe(0);
    silent.destroy();
  });

  it('answers waiting callers when stopped, logs no secret, and exits', async () => {
    world = await startWorld({ store: 'postgres' });
    const [port, dataDir, key] = [
      await freePort(),
      await mkdtemp(join(tmpdir(), 'gateway-process-')),
      newKey(),
    ];
    const one = await run('gateway', {
      DATABASE_URL: world.settings.databaseUrl,
      MASTER_KEY: world.settings.masterKey.toString('base64'),
      BOOTSTRAP_API_KEY: key,
      DATA_DIR: dataDir,
      PORT: String(port),
      HOST: '127.0.0.1',
      SANDBOX: 'on',
      SANDBOX_PORT: String(world.sandbox.port),
      LOG_LEVEL: 'debug',
    });
    runs.push(one);
    const url = `http://127.0.0.1:${port}`;
    const ready = () =>
      fetch(`${url}/readyz`).then(
        answer => answer.status,
        () => 0,
      );
    await expect.poll(ready).toBe(200);
    await world.control('faults', { provider: 'uds', fault: 'black-hole' });
    const asked = fetch(`${url}/v1/program`, {
      headers: { authorization: `Bearer ${key}`, 'gateway-connection': 'uds', prefer: 'wait=5' },
    });
    await expect.poll(async () => (await world!.journal('uds')).length).toBeGreaterThan(0);
    one.stop();
    const answer = await asked;
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.json()).toMatchObject({ code: expect.any(String), requestId: expect.any(String) });
    expect(await one.exit).toBe(0);
    expect(one.said()).not.toContain(key);
    await rm(dataDir, { recursive: true, force: true });
  });
});
