import { DelayedError } from 'bullmq';
import type { Job } from 'bullmq';
import type { Bull } from '#outbound';
import type { StoredTenant } from '#persistence';
import { deadCommand, acceptCommand } from './commands.js';
import { eachTenant } from './each-tenant.js';
import type { EventCore } from './event-core.js';
import { commandQueueName, deadCommandQueueName } from './queue-names.js';

const CONCURRENCY = 8;
const MAX_WAIT_MS = 60_000;
const DEAD_KEPT_S = 14 * 24 * 3600;

/**
 * Reads the command queue of every tenant. Only the queue decides which tenant a command belongs to, never its content; the
 * store's access rules decide who may write to it.
 */
export class CommandWorkers {
  readonly #read = new Set<string>();

  constructor(
    private readonly events: EventCore,
    private readonly bull: Bull,
  ) {}

  /** Starts reading the queues of new tenants. */
  async follow(): Promise<void> {
    for await (const tenant of eachTenant(this.events)) if (!this.#read.has(tenant.id)) this.#start(tenant);
  }

  #start(tenant: StoredTenant): void {
    this.#read.add(tenant.id);
    const options = {
      concurrency: CONCURRENCY,
      // A command whose worker died is started again, as often as it takes: its idempotency key makes that harmless.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
    };
    this.bull.worker(commandQueueName(tenant.slug), (job, token) => this.#take(tenant, job, token), options);
  }

  async #take(tenant: StoredTenant, job: Job, token?: string): Promise<void> {
    // The sender's job options override the worker's: without this, an accepted command and its personal data could stay.
    job.opts.removeOnComplete = true;
    const taken = await acceptCommand(this.events, tenant.id, { data: job.data, id: `command-${job.id}` });
    if (taken.outcome === 'accepted') return;
    try {
      if (taken.outcome === 'dead')
        return await this.#bury(tenant, job, deadCommand(job.data, taken.problem));
      this.events.core.log('warn', 'a command cannot be accepted now and will be retried', {
        reason: taken.reason,
      });
    } catch (error) {
      this.events.core.log('warn', 'a dead command could not be moved to its queue', {
        error: String(error),
      });
    }
    const waitMs = Math.min(MAX_WAIT_MS, 500 * 2 ** Math.min(10, job.attemptsStarted));
    await job.moveToDelayed(Date.now() + waitMs, token).catch((error: unknown) => {
      // Its lock expires, and it is started again; a failed job would not be.
      this.events.core.log('warn', 'a command could not be postponed', { error: String(error) });
    });
    throw new DelayedError();
  }

  async #bury(tenant: StoredTenant, job: Job, dead: object): Promise<void> {
    const queue = await this.events.transports.queue(deadCommandQueueName(tenant.slug));
    await queue.add('dead', dead, {
      // A sender may reuse an id once its command is gone: the timestamp keeps the two dead commands apart.
      jobId: `dead-${String(job.id).replaceAll(':', '-')}-${job.timestamp}`,
      removeOnComplete: { age: DEAD_KEPT_S },
      removeOnFail: { age: DEAD_KEPT_S },
    });
  }
}
