import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '#persistence/embedded';
import type { TestDatabase } from '../support/database.js';
import { openGate } from './gate.js';

/** A private Postgres that can be restarted at the same address. */
export interface OwnPostgres {
  database: TestDatabase;
  /** Stops the server and cuts its connections. */
  stop(): Promise<void>;
  /** Starts it again over the same files. */
  start(): Promise<void>;
}

/** Starts a private cluster; `database.drop` stops it and removes its files. */
export async function ownPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-chaos-postgres-'));
  // Accessible to the server's user, who is not root.
  await chmod(dataDir, 0o755);
  const launch = () => startEmbeddedPostgres({ dataDir, settings: { max_connections: '100' } });
  let server = await launch();
  const gate = await openGate(portOf(server.url));
  const stop = async () => {
    gate.shut();
    await server.stop();
  };
  const drop = async () => {
    await stop();
    await gate.close();
    await rm(server.dataPath, { recursive: true, force: true, maxRetries: 5 });
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    database: { url: Object.assign(new URL(server.url), { port: `${gate.port}` }).toString(), drop },
    stop,
    start: async () => {
      server = await launch();
      gate.open(portOf(server.url));
    },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
