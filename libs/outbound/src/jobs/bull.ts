import { createPostgresBackend, withBackend } from 'bullmq';
import type { JobsOptions, Processor, Queue, Worker, WorkerOptions } from 'bullmq';
import { STORE_SILENCE_MS } from '../core/timeouts.js';
import { RedisBull } from './redis-bull.js';

/** Where BullMQ keeps its queues: Redis in production, the gateway's own Postgres in the embedded default. */
export type QueueStore = { redisUrl: string; prefix: string } | { postgresUrl: string; schema: string };

/** How many jobs a worker runs at once, and how soon the job of a worker that died is another's (ms). */
export type WorkerTerms = Pick<WorkerOptions, 'concurrency' | 'lockDuration' | 'stalledInterval'>;

/** Queues and workers of one store; every caller closes what it opened. */
export interface Bull {
  queue(name: string): Queue;
  worker(name: string, process: Processor, options: WorkerTerms): Worker;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const postgres = withBackend(createPostgresBackend);

/** Opens the store; for Postgres its queue schema must have been migrated before. */
export function openBull(store: QueueStore): Bull {
  return 'redisUrl' in store ? new RedisBull(store.redisUrl, store.prefix) : onPostgres(store);
}

function onPostgres({ postgresUrl, schema }: { postgresUrl: string; schema: string }): Bull {
  const connection = {
    connectionString: postgresUrl,
    schema,
    max: 3,
    keepAlive: true,
    connectionTimeoutMillis: STORE_SILENCE_MS,
    query_timeout: STORE_SILENCE_MS,
  };
  const opened: (Queue | Worker)[] = [];
  return {
    queue: name => keep(opened, new postgres.Queue(name, { connection }) as unknown as Queue),
    worker: (name, process, options) =>
      keep(opened, new postgres.Worker(name, process, { ...options, connection }) as unknown as Worker),
    ping: async () => undefined,
    close: () => closeAll(opened),
  };
}

function keep<T extends Queue | Worker>(opened: (Queue | Worker)[], one: T): T {
  (one as Queue).on('error', () => undefined);
  opened.push(one);
  return one;
}

async function closeAll(opened: (Queue | Worker)[]): Promise<void> {
  await Promise.all(opened.map(one => one.close().catch(() => undefined)));
}

/** What every job of ours is added with: it disappears when it ran, and is never repeated by BullMQ itself: our own policy decides. */
export const jobOptions = (jobId: string, delay: number): JobsOptions => ({
  jobId,
  delay: Math.max(0, Math.round(delay)),
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
});
