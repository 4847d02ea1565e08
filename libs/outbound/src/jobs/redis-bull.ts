import { once } from 'node:events';
import { Queue, Worker, createRedisBackend } from 'bullmq';
import type { Processor, QueueOptions, WorkerOptions } from 'bullmq';
import { Redis } from 'ioredis';
import type { Core } from '../core/core.js';
import { isReplica } from '../core/redis-replica.js';
import { STORE_SILENCE_MS } from '../core/timeouts.js';
import type { Bull, WorkerTerms } from './bull.js';
import { KeptQueues } from './kept-queues.js';
import { KeptWorkers } from './kept-workers.js';
import { unhurried } from './unhurried.js';

/** As `STORE_SILENCE_MS`, for a worker's connection: its question for the next job is answered after ten seconds at the latest. */
const WORKER_SILENCE_MS = 10_000 + STORE_SILENCE_MS;

/** Queues and workers on Redis, two connections of the process to it. */
export class RedisBull implements Bull {
  readonly #shared: Redis;
  readonly #blocking: Redis;
  readonly #queues: KeptQueues;
  readonly #workers: KeptWorkers;
  readonly #running = new Set<Promise<unknown>>();
  /** Why there is no connection, where there is none. */
  #fault?: Error;
  /** Shared by all who wait: the sweep alone may ask for thousands of lanes. */
  #ready?: Promise<unknown>;

  constructor(
    redisUrl: string,
    readonly prefix: string,
    log: Core['log'] = () => undefined,
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
    const connected = { connection: this.#shared, prefix } as QueueOptions;
    this.#queues = new KeptQueues(queue => new Queue(queue, connected));
    this.#workers = new KeptWorkers(log);
  }

  async queue(name: string): Promise<Queue> {
    await this.#connected();
    return this.#queues.get(name);
  }

  worker(name: string, process: Processor, { failed = () => undefined, ...terms }: WorkerTerms): void {
    const options = { ...terms, autorun: false, connection: this.#blocking, prefix: this.prefix };
    const noted: Processor = (...job) => this.#noted(process(...job));
    const open = () => new Worker(name, noted, options as WorkerOptions, unhurried(createRedisBackend));
    this.#workers.start(() => open().on('failed', failed));
  }

  async ping(): Promise<void> {
    try {
      // A write that goes at once: a replica answers a mere PING as well, and one that is full deletes.
      await this.#shared.set(`${this.prefix}:nothing`, '', 'PX', 1);
    } catch (error) {
      throw this.#fault ?? error;
    }
  }

  async close(): Promise<void> {
    // A worker that asks an absent store for its last word waits for ever; what it has begun ends all the same.
    // Asked, since a connection whose server has just gone is called ready for a moment longer.
    const away = await this.ping().then(
      () => false,
      () => true,
    );
    if (away) await Promise.allSettled(this.#running);
    await Promise.all([this.#workers.close(away), this.#queues.close()]);
    this.#shared.disconnect();
    this.#blocking.disconnect();
  }

  #noted(work: Promise<unknown>): Promise<unknown> {
    this.#running.add(work);
    const forget = () => void this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** BullMQ waits without end for a store that was never there; this fails with the connection's next failure. */
  async #connected(): Promise<void> {
    if (this.#shared.status === 'ready') return;
    await (this.#ready ??= once(this.#shared, 'ready').finally(() => (this.#ready = undefined)));
  }
}
