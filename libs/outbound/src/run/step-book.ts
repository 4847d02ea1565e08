import type { Send } from '#adapter-kit';
import type { StoredOperation } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome } from '../calls/exchange.js';

/** One saved step: which exchange, with what ask, and what it read. */
interface Entry {
  exchange: string;
  ask: string;
  result: unknown;
}

/** What of an operation its steps are kept by. */
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

  /** The step's result from an earlier attempt, if there is one. */
  read({ exchange, ask, anew }: Send): ExchangeOutcome | undefined {
    if (anew) return undefined;
    const key = JSON.stringify(ask);
    const entry = this.#entries.find(one => one.exchange === exchange.name && one.ask === key);
    return entry && { kind: 'done', result: entry.result };
  }

  write({ exchange, ask }: Send, result: unknown): void {
    const entry = { exchange: exchange.name, ask: JSON.stringify(ask), result };
    const before = this.#entries.find(one => one.exchange === entry.exchange && one.ask === entry.ask);
    if (before) before.result = result;
    else this.#entries.push(entry);
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
    return core.database.transaction(tx =>
      core.stores.customers.upsert(tx, { tenantId: connection.tenantId, connectionId: connection.id }, refs),
    );
  }

  /** The last result of each exchange, by name: the state before the effect. */
  before(): Record<string, unknown> {
    return Object.fromEntries(this.#entries.map(entry => [entry.exchange, entry.result]));
  }
}
