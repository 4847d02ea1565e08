import { Client } from 'pg';
import type { Tx } from './database.js';

const CHANNEL = 'events_written';

/** Notifies all processes at commit that there is something to deliver; a lost message costs a second. */
export async function notifyEvents(tx: Tx): Promise<void> {
  await tx.query(`select pg_notify('${CHANNEL}', '')`);
}

/** Calls back for each event that any process wrote; has its own connection and reconnects by itself. */
export class EventNotifications {
  #client: Client | null = null;
  #closed = false;

  constructor(
    readonly url: string,
    readonly written: () => void,
  ) {}

  /** Rejects when Postgres cannot be reached. */
  async open(): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      application_name: 'loyalty-gateway-events',
      keepAlive: true,
    });
    client.on('error', () => this.#reopen(client));
    client.on('end', () => this.#reopen(client));
    client.on('notification', () => this.written());
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed) return void (await client.end().catch(() => undefined));
    this.#client = client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end().catch(() => undefined);
  }

  #reopen(broken: Client): void {
    if (this.#client !== broken) return;
    this.#client = null;
    this.#retry();
  }

  // Without a connection the fan-out's timer still finds every event.
  #retry(): void {
    if (this.#closed) return;
    const again = () => {
      if (!this.#closed) void this.open().catch(() => this.#retry());
    };
    setTimeout(again, 1_000).unref();
  }
}
