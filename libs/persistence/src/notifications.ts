import { Client } from 'pg';
import type { StoredOperation } from './stores/operation-row.js';

/** The Postgres channel on which changes of operations are announced at commit. */
export const OPERATION_CHANNEL = 'operation_changed';

/** Listens for changes of operations by any process (a lost message costs only a poll); has its own connection and reconnects by itself. */
export class OperationNotifications {
  #client: Client | null = null;
  #closed = false;
  readonly #waiting = new Map<string, Set<(operation?: StoredOperation) => void>>();
  /** Operations that this process is writing now: waiters get the row from it. */
  readonly #own = new Set<string>();

  constructor(readonly url: string) {}

  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'loyalty-gateway-listen',
      keepAlive: true,
    });
    client.on('error', () => this.#reopen(client));
    client.on('end', () => this.#reopen(client));
    client.on('notification', ({ payload = '' }) => this.#own.has(payload) || this.wake(payload));
    try {
      await client.connect();
      await client.query(`listen ${OPERATION_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed) return void (await client.end().catch(() => undefined));
    this.#client = client;
  }

  /** Resolves when the operation changed or after `ms`, whichever comes first; with its row if this process changed it. */
  wait(operationId: string, ms: number): Promise<StoredOperation | undefined> {
    return new Promise(resolve => {
      const waiting = this.#waiting.get(operationId) ?? new Set();
      const done = (operation?: StoredOperation) => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(operationId);
        resolve(operation);
      };
      const timer = setTimeout(done, ms);
      waiting.add(done);
      this.#waiting.set(operationId, waiting);
    });
  }

  /** Wakes the waiters of this process directly, without Postgres. */
  wake(operationId: string, operation?: StoredOperation): void {
    for (const done of this.#waiting.get(operationId) ?? []) done(operation);
  }

  /** Runs a change of an operation and wakes this process's waiters with its row, not sooner: Postgres's notification arrives at the same time without the row. */
  async moving(
    operationId: string,
    move: () => Promise<StoredOperation | undefined>,
  ): Promise<StoredOperation | undefined> {
    this.#own.add(operationId);
    let moved: StoredOperation | undefined;
    try {
      moved = await move();
    } finally {
      this.#own.delete(operationId);
      this.wake(operationId, moved);
    }
    return moved;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }

  // Without a connection the poll of every wait still finds the change.
  #reopen(broken: Client): void {
    if (this.#closed || this.#client !== broken) return;
    this.#client = null;
    this.#retry(500);
  }

  #retry(ms = 1_000): void {
    if (this.#closed) return;
    const again = () => {
      if (!this.#closed) void this.open().catch(() => this.#retry());
    };
    setTimeout(again, ms).unref();
  }
}
