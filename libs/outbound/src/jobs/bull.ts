import type { Job, JobsOptions, Processor, Queue, WorkerOptions } from 'bullmq';
import type { Core } from '../core/core.js';
import { PostgresBull } from './postgres-bull.js';
import { RedisBull } from './redis-bull.js';

/** Where BullMQ keeps its queues: Redis in production, the gateway's own Postgres in the embedded default. */
export type QueueStore = { redisUrl: string; prefix: string } | { postgresUrl: string; schema: string };

/** How many jobs a worker runs at once, how soon the job of a worker that died is another's (ms), and who is told of one that failed. */
export type WorkerTerms = Pick<WorkerOptions, 'concurrency' | 'lockDuration' | 'stalledInterval'> & {
  failed?: (job: Job | undefined, error: Error) => void;
};

/** Queues and workers of one store; every caller closes what it opened. */
export interface Bull {
  /** Rejects while the store refuses or does not answer; the next call asks it again. */
  queue(name: string): Promise<Queue>;
  /** Takes jobs as soon as the store answers, and however often it had refused before. */
  worker(name: string, process: Processor, terms: WorkerTerms): void;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store; for Postgres its queue schema must have been migrated before. */
export function openBull(store: QueueStore, log: Core['log'] = () => undefined): Bull {
  return 'redisUrl' in store
    ? new RedisBull(store.redisUrl, store.prefix, log)
    : new PostgresBull(store.postgresUrl, store.schema, log);
}

/** What every job of ours is added with: it disappears when it ran, and is never repeated by BullMQ itself: our own policy decides. */
export const ONCE = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** The same for a job with an id, which is added once however often it is asked for. */
export const jobOptions = (jobId: string, delay: number): JobsOptions => ({
  ...ONCE,
  jobId,
  delay: Math.max(0, Math.round(delay)),
});
