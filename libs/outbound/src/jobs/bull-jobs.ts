import { ONCE, jobOptions } from './bull.js';
import type { Bull } from './bull.js';
import type { Jobs } from './jobs.js';

/** The queue of operations to run and of lost answers to look up. */
export const OPERATIONS_QUEUE = 'operations';
/** The queue of the seconds in which holds end. */
export const HOLD_EXPIRY_QUEUE = 'hold-expiry';
/** The queue of lanes whose rows are due. */
export const PUMPS_QUEUE = 'pumps';
/** The queues of this library; a worker stands behind each. */
export const OUTBOUND_QUEUES: readonly string[] = [OPERATIONS_QUEUE, HOLD_EXPIRY_QUEUE, PUMPS_QUEUE];

/** The gateway's jobs on BullMQ. */
export class BullJobs implements Jobs {
  constructor(
    readonly bull: Bull,
    readonly now: () => Date,
  ) {
    // Opened before the first caller waits for them.
    for (const name of OUTBOUND_QUEUES) bull.queue(name).catch(() => undefined);
  }

  async operation(
    name: 'execute' | 'reconcile',
    operationId: string,
    turn: string,
    delayMs: number,
  ): Promise<void> {
    const queue = await this.bull.queue(OPERATIONS_QUEUE);
    await queue.add(name, { operationId }, jobOptions(`${name}-${operationId}-${turn}`, delayMs));
  }

  async ensurePump(lane: string): Promise<void> {
    const queue = await this.bull.queue(PUMPS_QUEUE);
    const deduplication = { id: lane, keepLastIfActive: true };
    await queue.add('pump', { lane }, { ...ONCE, deduplication });
  }

  async holdExpiry(unixSecond: number): Promise<void> {
    const queue = await this.bull.queue(HOLD_EXPIRY_QUEUE);
    await queue.add(
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
