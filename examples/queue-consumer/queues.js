// Where the gateway's queues are: in Redis, or in Postgres where there is none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPostgresBackend, Queue, withBackend, Worker } from 'bullmq';

/** Opens queues and workers of BullMQ in the store that the gateway was started with. */
export function openQueues(env, dataDir) {
  const store = env.REDIS_URL ? { Queue, Worker } : withBackend(createPostgresBackend);
  const connection = env.REDIS_URL
    ? { url: env.REDIS_URL }
    : { connectionString: env.DATABASE_URL ?? embeddedDatabase(dataDir), schema: 'bullmq', max: 3 };
  const opened = [];
  const keep = one => (opened.push(one), one);
  return {
    queue: name => keep(new store.Queue(name, { connection })),
    worker: (name, process) => keep(new store.Worker(name, process, { connection })),
    close: () => Promise.all(opened.map(one => one.close())),
  };
}

/** The database that `npm start` brought along: its password stands in the data directory, its port in its own files. */
function embeddedDatabase(dataDir) {
  const { password, dataPath } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'));
  const port = readFileSync(join(dataPath, 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}
