import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventWorkers } from '#events';
import { createCore, startWorkers } from '#outbound';
import type { OpenCore } from '#outbound';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';
import { bootstrap } from '../../../../apps/gateway/src/bootstrap/bootstrap.js';
import { createGateway } from '../../../../apps/gateway/src/gateway.js';
import { logOf } from '../../../../apps/gateway/src/log.js';
import type { Settings } from '../../../../apps/gateway/src/settings.js';
import { startSandbox } from '../../../../apps/sandbox/src/sandbox.js';
import { createTestDatabase } from '../../../support/database.js';
import { flushableRedis } from '../../../support/redis.js';
import { dumpPostgres, dumpRedis, rememberRows } from './dump.js';
import { startSecrets } from './marks.js';
import { startParrot } from './parrot.js';
import type { Parrot } from './parrot.js';

/** Gateway and worker processes at the most verbose log level, with all their output captured. */
export interface House {
  url: string;
  parrot: Parrot;
  open: OpenCore;
  sql: pg.Client;
  log: string[];
  /** Everything ever written to the queue store, if it is Redis. */
  redisCommands: string[];
  stored(): Promise<{ postgres: string; redis: string }>;
  close(): Promise<void>;
}

// One for all: nestjs-pino keeps the first logger of a process.
const log: string[] = [];

/** Starts it with its own database, Redis (or none) and sandbox. */
export async function openHouse(store: 'redis' | 'postgres'): Promise<House> {
  const closing: (() => unknown)[] = [];
  const redisCommands: string[] = [];
  log.length = 0;
  closing.push(listenIn());
  const database = await createTestDatabase();
  closing.push(() => database.drop());
  const sandbox = await startSandbox({ rateLimit: { recreativ: false } });
  closing.push(() => sandbox.close());
  const parrot = await startParrot(sandbox.url);
  closing.push(() => parrot.close());
  const redisServer = store === 'redis' ? await flushableRedis() : undefined;
  closing.push(() => redisServer?.stop());
  const redis = redisServer && new Redis(redisServer.url);
  closing.push(() => redis?.disconnect());
  // ioredis breaks on a line that comes with the answer to MONITOR: nobody else may be speaking yet.
  await redis?.ping();
  const monitor = await redis?.monitor();
  monitor?.on('monitor', (_: string, command: string[]) => redisCommands.push(command.join(' ')));
  closing.push(() => monitor?.disconnect());
  const dataDir = await mkdtemp(join(tmpdir(), 'canary-'));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
  const settings: Settings = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: database.url,
    ...(redisServer && { redisUrl: redisServer.url }),
    masterKey: startSecrets.masterKey,
    bootstrapKey: startSecrets.bootstrapKey,
    dataDir,
    keyRateLimit: 10_000,
    egressAllow: ['127.0.0.0/8'],
    logLevel: 'trace',
  };
  const logger = pino({ level: settings.logLevel }, { write: line => void log.push(line) });
  const open = await createCore({ ...settings, laneTimeoutMs: 20_000, log: logOf(logger) });
  closing.push(() => open.close());
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  closing.push(() => sql.end());
  await rememberRows(sql);
  await bootstrap(open, settings);
  const { app } = await createGateway({ settings, open, logger });
  await app.listen(0, '127.0.0.1');
  const operations = startWorkers(open.core, open.queues);
  const events = await startEventWorkers(open, settings.databaseUrl);
  closing.push(() => open.core.background.drain(10_000));
  closing.push(() => Promise.all([app.close(), operations.close(), events.close()]));
  return {
    url: await app.getUrl(),
    parrot,
    open,
    sql,
    log: log,
    redisCommands: redisCommands,
    stored: async () => ({
      postgres: await dumpPostgres(sql),
      redis: redis ? await dumpRedis(redis) : '',
    }),
    close: async () => {
      for (const close of closing.toReversed()) await close();
    },
  };
}

/** Output printed outside the log. */
function listenIn(): () => void {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(stream => stream.write.bind(stream));
  streams.forEach((stream, index) => {
    stream.write = ((chunk: string, ...rest: []) => {
      log.push(String(chunk));
      return writes[index]!(chunk, ...rest);
    }) as typeof stream.write;
  });
  return () => streams.forEach((stream, index) => (stream.write = writes[index] as typeof stream.write));
}
