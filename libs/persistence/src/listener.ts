import { Client } from 'pg';

/** What is listened for. */
export interface Listening {
  channel: string;
  /** Names the connection in `pg_stat_activity`. */
  name: string;
  heard(payload: string): void;
}

const FIRST_PAUSE_MS = 500;
const PAUSE_MS = 1_000;

/** Listens on a channel of Postgres over its own connection, which it reopens by itself. What is said meanwhile is not heard: whoever listens also polls. */
export class Listener {
  #client: Client | null = null;
  #closed = false;

  constructor(
    readonly url: string,
    readonly listening: Listening,
  ) {}

  /** Rejects when Postgres cannot be reached. */
  async open(): Promise<void> {
    const { channel, name, heard } = this.listening;
    const client = new Client({ connectionString: this.url, application_name: name, keepAlive: true });
    client.on('error', () => this.#reopen(client));
    client.on('end', () => this.#reopen(client));
    client.on('notification', ({ payload = '' }) => heard(payload));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
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
    this.#retry(FIRST_PAUSE_MS);
  }

  #retry(ms: number): void {
    if (this.#closed) return;
    const again = () => {
      if (!this.#closed) void this.open().catch(() => this.#retry(PAUSE_MS));
    };
    setTimeout(again, ms).unref();
  }
}
