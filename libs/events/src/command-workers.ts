import { DelayedError } from 'bullmq';
import type { Job } from 'bullmq';
import type { Bull } from '#outbound';
import type { StoredTenant } from '#persistence';
import { deadCommand, takeCommand } from './commands.js';
import type { EventCore } from './event-core.js';
import { commandQueueName, deadCommandQueueName } from './queue-names.js';

const CONCURRENCY = 8;
const TENANTS_AT_ONCE = 100;
const LONGEST_WAIT_MS = 60_000;
const DEAD_KEPT_S = 14 * 24 * 3600;

/**
 * Reads the command queue of every tenant. Whose a command is follows from the queue that it lies in and from nothing that
 * it says: who may write there is a matter of the store's access rules.
 */
export class CommandWorkers {
  readonly #read = new Set<string>();

  constructor(
    private readonly events: EventCore,
    private readonly bull: Bull,
  ) {}

  /** Starts to read the queues of tenants that are new. */
  async follow(): Promise<void> {
    const { core, tenants } = this.events;
    for (let before: string | undefined; ;) {
      const page = await tenants.list(core.database.direct, { before, limit: TENANTS_AT_ONCE });
      for (const tenant of page) if (!this.#read.has(tenant.id)) this.#start(tenant);
      if (page.length < TENANTS_AT_ONCE) return;
      before = page.at(-1)!.id;
    }
  }

  #start(tenant: StoredTenant): void {
    this.#read.add(tenant.id);
    const options = {
      concurrency: CONCURRENCY,
      // A command whose worker died is begun again, as often as it takes: its idempotency key makes that harmless.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      removeOnComplete: { count: 0 },
    };
    this.bull.worker(commandQueueName(tenant.slug), (job, token) => this.#take(tenant, job, token), options);
  }

  async #take(tenant: StoredTenant, job: Job, token?: string): Promise<void> {
    // What its sender's queue keeps of jobs goes before what a worker keeps: a command, and who is in it, stays nowhere.
    job.opts.removeOnComplete = true;
    const taken = await takeCommand(this.events, tenant.id, { data: job.data, id: `command-${job.id}` });
    if (taken.outcome === 'accepted') return;
    try {
      if (taken.outcome === 'dead')
        return await this.#bury(tenant, job, deadCommand(job.data, taken.problem));
      this.events.core.log('warn', 'a command cannot be taken in now and comes again', {
        reason: taken.reason,
      });
    } catch (error) {
      this.events.core.log('warn', 'a dead command could not be put aside', { error: String(error) });
    }
    const waitMs = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(10, job.attemptsStarted));
    await job.moveToDelayed(Date.now() + waitMs, token).catch((error: unknown) => {
      // Its lock ends, and it is begun again; a job that failed would not be.
      this.events.core.log('warn', 'a command could not be put off', { error: String(error) });
    });
    throw new DelayedError();
  }

  async #bury(tenant: StoredTenant, job: Job, dead: object): Promise<void> {
    await this.events.outlets.queue(deadCommandQueueName(tenant.slug)).add('dead', dead, {
      // A sender may use an id again once its command is gone: with its moment, the later one does not meet the earlier.
      jobId: `dead-${String(job.id).replaceAll(':', '-')}-${job.timestamp}`,
      removeOnComplete: { age: DEAD_KEPT_S },
      removeOnFail: { age: DEAD_KEPT_S },
    });
  }
}
