import { Listener } from './listener.js';
import type { StoredOperation } from './stores/operation-row.js';

/** The Postgres channel on which changes of operations are announced at commit. */
export const OPERATION_CHANNEL = 'operation_changed';

/** Listens for changes of operations by any process; a lost message costs only a poll. */
export class OperationNotifications {
  readonly #listener: Listener;
  readonly #waiting = new Map<string, Set<(operation?: StoredOperation) => void>>();
  /** Operations that this process is writing now: waiters get the row from it. */
  readonly #own = new Set<string>();

  constructor(url: string) {
    this.#listener = new Listener(url, {
      channel: OPERATION_CHANNEL,
      name: 'loyalty-gateway-listen',
      heard: id => this.#own.has(id) || this.wake(id),
    });
  }

  /** Rejects when Postgres cannot be reached. */
  open(): Promise<void> {
    return this.#listener.open();
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

  close(): Promise<void> {
    return this.#listener.close();
  }
}
