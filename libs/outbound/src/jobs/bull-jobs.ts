import type { Queue } from 'bullmq';
import { jobOptions } from './bull.js';
import type { Bull } from './bull.js';
import type { Jobs } from './jobs.js';

/** Names of the queues; a worker stands behind each. */
export const OPERATIONS_QUEUE = 'operations';
export const HOLD_EXPIRY_QUEUE = 'hold-expiry';
export const PUMPS_QUEUE = 'pumps';

/** The gateway's jobs on BullMQ. */
export class BullJobs implements Jobs {
  readonly #operations: Queue;
  readonly #expiry: Queue;
  readonly #pumps: Queue;

  constructor(
    readonly bull: Bull,
    readonly now: () => Date,
  ) {
    this.#operations = bull.queue(OPERATIONS_QUEUE);
    this.#expiry = bull.queue(HOLD_EXPIRY_QUEUE);
    this.#pumps = bull.queue(PUMPS_QUEUE);
  }

  async operation(
    name: 'execute' | 'reconcile',
    operationId: string,
    turn: string,
    delayMs: number,
  ): Promise<void> {
    await this.#operations.add(name, { operationId }, jobOptions(`${name}-${operationId}-${turn}`, delayMs));
  }

  async ensurePump(lane: string): Promise<void> {
    await this.#pumps.add(
      'pump',
      { lane },
      {
        deduplication: { id: lane, keepLastIfActive: true },
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
  }

  async holdExpiry(unixSecond: number): Promise<void> {
    await this.#expiry.add(
      'expire',
      { second: unixSecond },
      jobOptions(`expiry-${unixSecond}`, unixSecond * 1000 - this.now().getTime()),
    );
  }

  ping(): Promise<void> {
    return this.bull.ping();
  }

  close(): Promise<void> {
    return this.bull.close();
  }
}
