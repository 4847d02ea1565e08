import type { EndedAttempt } from '#persistence';
import type { EventCore } from './event-core.js';

/** Writes the results of attempts in batches: those that finish while one statement is running share the next. */
export class AttemptWriter {
  #ended: EndedAttempt[] = [];
  #writing: Promise<void> = Promise.resolve();
  #next?: Promise<void>;

  constructor(private readonly events: Pick<EventCore, 'core' | 'deliveries' | 'endings'>) {}

  /** Resolves when the result is in Postgres. */
  write(ended: EndedAttempt): Promise<void> {
    const { endings } = this.events;
    endings.set(ended.status, (endings.get(ended.status) ?? 0) + 1);
    this.#ended.push(ended);
    const flush = () => this.#flush();
    return (this.#next ??= this.#writing.then(flush, flush));
  }

  #flush(): Promise<void> {
    const { core, deliveries } = this.events;
    this.#writing = deliveries.settle(core.database.direct, this.#ended);
    this.#ended = [];
    this.#next = undefined;
    return this.#writing;
  }
}
