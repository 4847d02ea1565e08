import type { Send } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { StoredOperation } from '#persistence';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome } from '../calls/exchange.js';

type Failure = Extract<ExchangeOutcome, { kind: 'refused' | 'unanswered' }>;

/** One saved step: which exchange, with what ask, and what it read or why it did not. */
interface Entry {
  exchange: string;
  ask: string;
  result?: unknown;
  failure?: Failure;
}

/** The part of an operation that its step book needs. */
type Booked = Pick<StoredOperation, 'id' | 'steps' | 'customerLock'>;

/** Results of an operation's reading steps, stored (sealed) on its row before the request with the effect is sent: replayed after a crash, and used by reconciliation. */
export class StepBook {
  readonly #entries: Entry[];
  #fresh = false;

  private constructor(
    readonly core: Core,
    readonly operation: Booked,
    entries: Entry[],
  ) {
    this.#entries = entries;
  }

  static open(core: Core, operation: Booked): StepBook {
    const entries = operation.steps ? core.vault.open<Entry[]>('steps', operation.id, operation.steps) : [];
    return new StepBook(core, operation, entries);
  }

  /** How the step ended before, if it was made. */
  read(send: Send): ExchangeOutcome | undefined {
    const entry = send.anew ? undefined : this.#find(send);
    if (entry?.failure) return revived(entry.failure);
    return entry && { kind: 'done', result: entry.result };
  }

  write(send: Send, result: unknown): void {
    this.#put(send, { result });
  }

  /** A step that failed is not made again once the request with the effect may have left: it would read what that did. */
  fail(send: Send, failure: Failure): void {
    if (!send.anew) this.#put(send, { failure });
  }

  #find({ exchange, ask }: Send): Entry | undefined {
    const key = JSON.stringify(ask);
    return this.#entries.find(one => one.exchange === exchange.name && one.ask === key);
  }

  #put(send: Send, end: Pick<Entry, 'result' | 'failure'>): void {
    const before = this.#find(send);
    if (before) Object.assign(before, { result: undefined, failure: undefined, ...end });
    else this.#entries.push({ exchange: send.exchange.name, ask: JSON.stringify(send.ask), ...end });
    this.#fresh = true;
  }

  /** The sealed entries for the row; `null` when nothing is new. */
  sealed(): Buffer | null {
    return this.#fresh ? this.core.vault.seal('steps', this.operation.id, this.#entries) : null;
  }

  /** The customer that a step identified, whose other spends must wait from now on. */
  async customerLock(connection: OpenConnection): Promise<string | undefined> {
    if (!this.operation.customerLock || this.operation.customerLock.startsWith('cus_')) return undefined;
    const refs = this.#entries
      .map(entry => (entry.result as { providerRefs?: Record<string, string> } | null)?.providerRefs)
      .find(Boolean);
    if (!refs || Object.keys(refs).length === 0) return undefined;
    const { core } = this;
    return core.database.transaction(tx => core.stores.customers.upsert(tx, belongingTo(connection), refs));
  }

  /** The last result of each exchange, by name: the state before the effect. */
  before(): Record<string, unknown> {
    const read = this.#entries.filter(({ failure }) => !failure);
    return Object.fromEntries(read.map(entry => [entry.exchange, entry.result]));
  }
}

// What was stored is plain.
const revived = (failure: Failure): Failure =>
  failure.kind === 'refused'
    ? { kind: 'refused', refusal: new Refusal(failure.refusal.code, failure.refusal.members) }
    : failure;
