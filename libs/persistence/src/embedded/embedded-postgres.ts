import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { chooseAccount, ownerOf } from './account.js';
import { findBinaries } from './binaries.js';
import { openCluster } from './cluster.js';
import { takeOwnership } from './ownership.js';
import { runServer } from './server.js';

/** What a start needs: a directory that this database alone uses. It is made when absent. */
export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** Server settings over the defaults, e.g. `{ fsync: 'off' }` for a throw-away cluster. */
  settings?: Record<string, string>;
  /** Called with a sentence about where the files are when they cannot be in `dataDir`. */
  log?: (line: string) => void;
}

/** A running embedded PostgreSQL. It stops when this process ends, however it ends. */
export interface EmbeddedPostgres {
  /** A connection string with the password. */
  url: string;
  /** Where the files really are: in `dataDir`, or below /var/lib where the server's user cannot enter that. */
  dataPath: string;
  stop(): Promise<void>;
  /** Fulfilled with a sentence when the server ends without having been stopped. */
  ended: Promise<string>;
}

/**
 * Starts PostgreSQL from its npm package, as root or not, over the files in `dataDir`.
 * Throws CannotStart, whose message is one sentence for the person who started it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { settings = {}, log = () => {} } = options;
  mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir);
  const release = takeOwnership(dataDir);
  try {
    const chosen = chooseAccount();
    const binaries = findBinaries(chosen, log);
    const durable = settings['fsync'] !== 'off';
    const cluster = openCluster({ dataDir, account: chosen, binaries, durable, log });
    const account = ownerOf(cluster.dataPath, chosen);
    const logFile = join(dataDir, 'postgres.log');
    const server = await runServer({ cluster, account, binaries, logFile, settings });
    const stop = () => server.stop().finally(release);
    return { url: server.url, dataPath: cluster.dataPath, stop, ended: server.ended };
  } catch (error) {
    release();
    throw error;
  }
}
