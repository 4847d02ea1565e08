import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { prepareLanes } from '../../dist/libs/outbound/src/lanes/prepare-lanes.js';
import { freePort, startEmbeddedPostgres } from '../../dist/libs/persistence/src/embedded/index.js';

/** A Redis for the lanes: the given one, or a new one for this run. */
export async function openRedis(url) {
  const port = url ? undefined : await freePort();
  const server =
    port &&
    spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
  process.once('exit', () => server?.kill());
  const redis = new Redis(url ?? `redis://127.0.0.1:${port}`).on('error', () => undefined);
  const close = async () => {
    redis.disconnect();
    server?.kill();
  };
  const connections = async () =>
    Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1] ?? 0);
  const scripts = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  await redis.ping();
  const keys = () => redis.dbsize();
  return { url: url ?? `redis://127.0.0.1:${port}`, pid: server?.pid, scripts, connections, keys, close };
}

/** A Postgres with the lanes' tables: the given one, or a new one for this run. */
export async function openPostgres(given) {
  const dataDir = given ? undefined : await mkdtemp(join(tmpdir(), 'lanes-bench-'));
  if (dataDir) await chmod(dataDir, 0o755);
  const server = dataDir && (await startEmbeddedPostgres({ dataDir }));
  const url = given ?? server.url;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await prepareLanes(client);
  const count = async sql => Number((await client.query(sql)).rows[0].n);
  const connections = () =>
    count(`select count(*) as n from pg_stat_activity where backend_type = 'client backend'`);
  const keys = () => count('select count(*) as n from lane_log');
  const close = async () => {
    await client.end();
    await server?.stop();
    if (server) await rm(server.dataPath, { recursive: true, force: true });
    if (dataDir) await rm(dataDir, { recursive: true, force: true });
  };
  const pid =
    server && Number((await readFile(join(server.dataPath, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  return { url, pid, scripts: async () => 0, connections, keys, close };
}
