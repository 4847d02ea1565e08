import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import type { JobsOptions, Processor, QueueOptions, WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { isReplica } from '../core/redis-replica.js';
import { STORE_SILENCE_MS } from '../core/timeouts.js';
import type { Bull, WorkerTerms } from './bull.js';

/** As `STORE_SILENCE_MS`, for a worker's connection: its question for the next job is answered after ten seconds at the latest. */
const WORKER_SILENCE_MS = 10_000 + STORE_SILENCE_MS;

/** Queues and workers on Redis, two connections of the process to it. */
export class RedisBull implements Bull {
  readonly #shared: Redis;
  readonly #blocking: Redis;
  readonly #queues: Queue[] = [];
  readonly #workers: Worker[] = [];
  readonly #running = new Set<Promise<unknown>>();
  /** Why there is no connection, where there is none. */
  #fault?: Error;

  constructor(
    redisUrl: string,
    readonly prefix: string,
  ) {
    // Queues answer at once when Redis is away; workers wait for it.
    this.#shared = new Redis(redisUrl, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      socketTimeout: STORE_SILENCE_MS,
      // A command that was sent waits for the next connection otherwise, however long there is none.
      commandTimeout: STORE_SILENCE_MS,
      reconnectOnError: isReplica,
    });
    this.#blocking = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      socketTimeout: WORKER_SILENCE_MS,
      reconnectOnError: isReplica,
    });
    this.#blocking.on('error', () => undefined);
    this.#shared
      .on('error', (error: Error) => (this.#fault = error))
      .on('ready', () => (this.#fault = undefined));
  }

  queue(name: string): Queue {
    const queue = new PromptQueue(name, { connection: this.#shared, prefix: this.prefix } as QueueOptions);
    this.#queues.push(keepOn(queue));
    return queue;
  }

  worker(name: string, process: Processor, options: WorkerTerms): Worker {
    const connected = { ...options, connection: this.#blocking, prefix: this.prefix } as WorkerOptions;
    const worker = new Worker(name, (...job) => this.#noted(process(...job)), connected);
    this.#workers.push(keepOn(worker));
    return worker;
  }

  async ping(): Promise<void> {
    try {
      // A write, though of nothing: a replica answers a mere PING as well.
      await this.#shared.del(`${this.prefix}:nothing`);
    } catch (error) {
      throw this.#fault ?? error;
    }
  }

  async close(): Promise<void> {
    // A worker that asks an absent store for its last word waits for ever; what it has begun ends all the same.
    const away = this.#shared.status !== 'ready';
    if (away) await Promise.allSettled(this.#running);
    await Promise.allSettled([
      ...this.#workers.map(worker => worker.close(away)),
      ...this.#queues.map(queue => queue.close()),
    ]);
    this.#shared.disconnect();
    this.#blocking.disconnect();
  }

  #noted(work: Promise<unknown>): Promise<unknown> {
    this.#running.add(work);
    const forget = () => void this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }
}

// A store that is away for a moment is not worth a crash: BullMQ comes back by itself, the sweep behind it misses nothing.
function keepOn<T extends Queue | Worker>(one: T): T {
  (one as Queue).on('error', () => undefined);
  return one;
}

/** BullMQ waits without end for a store that was never there; this fails with the connection's next failure. */
class PromptQueue extends Queue {
  /** Shared by all who wait: the sweep alone may ask for thousands of lanes. */
  #ready: Promise<unknown> | undefined;

  override async add(name: string, data: unknown, options?: JobsOptions) {
    await this.#connected();
    return super.add(name, data, options);
  }

  override async getJob(id: string) {
    await this.#connected();
    return super.getJob(id);
  }

  async #connected(): Promise<void> {
    const redis = this.opts.connection as Redis;
    if (redis.status !== 'ready')
      await (this.#ready ??= once(redis, 'ready').finally(() => (this.#ready = undefined)));
  }
}
