import { createPostgresBackend, withBackend } from 'bullmq';
import type { Processor, Queue, Worker } from 'bullmq';
import type { Core } from '../core/core.js';
import { STORE_SILENCE_MS } from '../core/timeouts.js';
import type { Bull, WorkerTerms } from './bull.js';
import { KeptQueues } from './kept-queues.js';
import { KeptWorkers } from './kept-workers.js';
import { unhurried } from './unhurried.js';

const postgres = withBackend(unhurried(createPostgresBackend));

/** Queues and workers in Postgres, each with connections of its own. */
export class PostgresBull implements Bull {
  readonly #queues: KeptQueues;
  readonly #workers: KeptWorkers;
  readonly #connection;

  constructor(connectionString: string, schema: string, log: Core['log']) {
    this.#connection = {
      connectionString,
      schema,
      max: 3,
      keepAlive: true,
      connectionTimeoutMillis: STORE_SILENCE_MS,
      query_timeout: STORE_SILENCE_MS,
    };
    const { Queue: InPostgres } = postgres;
    const connected = { connection: this.#connection };
    this.#queues = new KeptQueues(name => new InPostgres(name, connected) as unknown as Queue);
    this.#workers = new KeptWorkers(log);
  }

  queue(name: string): Promise<Queue> {
    return this.#queues.get(name);
  }

  worker(name: string, process: Processor, { failed = () => undefined, ...terms }: WorkerTerms): void {
    const options = { ...terms, autorun: false, connection: this.#connection };
    this.#workers.start(() =>
      (new postgres.Worker(name, process, options) as unknown as Worker).on('failed', failed),
    );
  }

  async ping(): Promise<void> {
    // The queues live in the gateway's own Postgres, which is asked for itself (`Database.ping`).
  }

  async close(): Promise<void> {
    // Closed while it is being opened, a worker would open a connection afterwards, which would hold up the end of the process.
    await this.#workers.settle();
    await Promise.all([this.#workers.close(), this.#queues.close()]);
  }
}
