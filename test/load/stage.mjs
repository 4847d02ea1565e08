// Shared by the benchmarks: stores, the gateway's processes, a provider.
import { fork, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../../dist/libs/persistence/src/embedded/index.js';
import { openPostgres, openRedis } from './lanes.stores.mjs';

const root = join(import.meta.dirname, '../..');

/** The stores of one run: Postgres, and Redis if `kind` is `redis`. */
export async function openStores(kind) {
  const postgres = await openPostgres();
  const redis = kind === 'redis' ? await openRedis() : undefined;
  return {
    kind,
    databaseUrl: postgres.url,
    redisUrl: redis?.url,
    trees: () => [postgres.pid, redis?.pid].filter(Boolean),
    /** The number of open connections. */
    connections: async () => ({
      postgres: await postgres.connections(),
      redis: (await redis?.connections()) ?? 0,
    }),
    close: async () => {
      await redis?.close();
      await postgres.close();
    },
  };
}

/** A provider in its own process; `ask` sends it a command and returns the reply. */
export async function startUpstream(options = {}) {
  const child = fork(join(import.meta.dirname, 'uds.upstream.mjs'), [JSON.stringify(options)], {
    serialization: 'advanced',
  });
  const [{ port }] = await once(child, 'message');
  const ask = async command => {
    const reply = once(child, 'message');
    child.send(command);
    return (await reply)[0];
  };
  return { url: `http://127.0.0.1:${port}`, ask, close: () => end(child) };
}

/** A forked script of this folder that sends a message when it is ready. */
export async function startChild(file, options = {}) {
  const child = fork(join(import.meta.dirname, file), [JSON.stringify(options)], {
    serialization: 'advanced',
  });
  const [ready] = await once(child, 'message');
  const ask = async message => {
    const reply = once(child, 'message');
    child.send(message);
    return (await reply)[0];
  };
  return { ...ready, pid: child.pid, ask, close: () => end(child), kill: () => end(child, 'SIGKILL') };
}

/** The gateway as it is deployed: the given number of REST processes, each on its own port, and of workers. */
export async function startGateways(stores, { gateways = 1, workers = 1, env: more = {} } = {}) {
  const key = `lgk_${randomBytes(32).toString('base64url')}`;
  const env = { ...environment(stores, key), ...more };
  const faces = [];
  for (let i = 0; i < gateways; i++) faces.push(await startFace(env));
  const behind = Array.from({ length: workers }, () => app('worker', env));
  const all = [...faces.map(face => face.child), ...behind];
  return {
    key,
    env,
    urls: faces.map(face => face.url),
    pids: all.map(child => child.pid),
    stopFaces: () => Promise.all(faces.map(face => end(face.child))),
    killFaces: () => Promise.all(faces.map(face => end(face.child, 'SIGKILL'))),
    /** One more worker; its process id. */
    startWorker: async () => {
      const child = app('worker', env);
      all.push(child);
      return child.pid;
    },
    /** The number of waiting, delayed and active jobs of a queue. */
    jobs: name => countJobs(stores, name),
    /** One more REST process; its address. */
    startFace: async () => {
      const { url, child } = await startFace(env);
      all.push(child);
      return url;
    },
    close: () => Promise.all(all.map(child => end(child))),
  };
}

const environment = ({ databaseUrl, redisUrl }, key) => ({
  PATH: process.env.PATH,
  NODE_ENV: 'production',
  DATABASE_URL: databaseUrl,
  ...(redisUrl && { REDIS_URL: redisUrl }),
  MASTER_KEY: randomBytes(32).toString('base64'),
  BOOTSTRAP_API_KEY: key,
  EGRESS_ALLOW: '127.0.0.0/8',
  KEY_RATE_LIMIT: '100000',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
});

async function startFace(env) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = app('gateway', { ...env, PORT: `${port}` });
  await ready(url);
  return { url, child };
}

async function countJobs({ redisUrl, databaseUrl }, name) {
  const { openBull } = await import('../../dist/libs/outbound/src/jobs/bull.js');
  const bull = openBull(
    redisUrl ? { redisUrl, prefix: '{loyalty}' } : { postgresUrl: databaseUrl, schema: 'bullmq' },
  );
  const count = await bull.queue(name).getJobCountByTypes('waiting', 'delayed', 'active');
  await bull.close();
  return count;
}

// An interrupted run leaves no processes behind.
const apps = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.once('exit', () => apps.forEach(child => child.kill('SIGKILL')));

function app(name, env) {
  const main = join(root, `dist/apps/${name}/src/main.js`);
  const child = spawn(process.execPath, ['--conditions=default', main], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  apps.add(child);
  child.once('exit', () => apps.delete(child));
  return child;
}

async function ready(url) {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not get ready.`);
}

async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** Creates connections to the provider, each with its own credential and therefore its own lane; returns their ids. */
export async function makeConnections({ urls: [url], key }, upstream, count, first = 0) {
  const ids = [];
  for (let i = first; i < first + count; i++) {
    const answer = await fetch(`${url}/v1/connections`, {
      method: 'POST',
      headers: headers(key),
      body: JSON.stringify({
        provider: 'uds',
        slug: `bench-${i}`,
        baseUrl: upstream.url,
        credentials: { companyId: `${i + 1}`, apiKey: `key-${i}-${'x'.repeat(24)}` },
      }),
    });
    const body = await answer.json();
    if (answer.status !== 201) throw new Error(JSON.stringify(body));
    ids.push(body.id);
  }
  return ids;
}

/** The `authorization` header with which such a connection calls the provider. */
export const credentialOf = index =>
  `Basic ${Buffer.from(`${index + 1}:key-${index}-${'x'.repeat(24)}`).toString('base64')}`;

export const headers = (key, connection) => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  'idempotency-key': randomUUID(),
  ...(connection && { 'gateway-connection': connection }),
});

/** A sale that earns points. */
export const sale = () => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference: randomUUID(),
  receipt: { total: { amount: '100.00', currency: 'RUB' } },
});
