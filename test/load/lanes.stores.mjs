import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { laneSchemaSql } from '../../dist/libs/outbound/src/lanes/lane-schema.sql.js';
import { freePort, startEmbeddedPostgres } from '../../dist/libs/persistence/src/embedded/index.js';

/** A Redis for the lanes: the one that was given, or one of the run's own. */
export async function openRedis(url) {
  const port = url ? undefined : await freePort();
  const server =
    port &&
    spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
  const redis = new Redis(url ?? `redis://127.0.0.1:${port}`).on('error', () => undefined);
  const close = async () => {
    redis.disconnect();
    server?.kill();
  };
  const scripts = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  await redis.ping();
  return { url: url ?? `redis://127.0.0.1:${port}`, scripts, close };
}

/** A Postgres with the lanes' tables: the one that was given, or one of the run's own. */
export async function openPostgres(given) {
  const dataDir = given ? undefined : await mkdtemp(join(tmpdir(), 'lanes-bench-'));
  if (dataDir) await chmod(dataDir, 0o755);
  const server = dataDir && (await startEmbeddedPostgres({ dataDir }));
  const url = given ?? server.url;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`select to_regclass('lane_log') is null as empty`);
  if (rows[0].empty) await client.query(laneSchemaSql);
  await client.end();
  const close = async () => {
    await server?.stop();
    if (server) await rm(server.dataPath, { recursive: true, force: true });
    if (dataDir) await rm(dataDir, { recursive: true, force: true });
  };
  return { url, scripts: async () => 0, close };
}
