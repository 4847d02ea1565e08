import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.js';
import type { Cluster } from './cluster.js';
import { freePort } from './free-port.js';
import { spawnLeashed } from './leashed.js';
import { clearOrphan } from './orphan.js';
import { untilAnswering } from './readiness.js';

const STOP_DEADLINE_MS = 30_000;
const LOG_LIMIT_BYTES = 10_000_000;
// glibc would give freed memory back after nearly every statement, and fault it in again for the next one.
const MEMORY = ['MALLOC_TRIM_THRESHOLD_=1048576'];

/** The settings of one server run. */
export interface ServerRun {
  cluster: Cluster;
  account: Account;
  binaries: string;
  /** The server's log. */
  logFile: string;
  settings: Record<string, string>;
}

/** A server that answers. */
export interface RunningServer {
  url: string;
  stop(): Promise<void>;
  /** Fulfilled with a sentence when the server ends without having been stopped. */
  ended: Promise<string>;
}

/** Starts the server on a free port of 127.0.0.1 and waits until it answers. Throws CannotStart with the end of its log. */
export async function runServer(run: ServerRun): Promise<RunningServer> {
  await clearOrphan(run.cluster.dataPath);
  for (let tries = 3; ; tries--) {
    try {
      return await runOnPort(run, await freePort());
    } catch (error) {
      // Another process took the port between our check and the server's start.
      if (tries === 0 || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function runOnPort(run: ServerRun, port: number): Promise<RunningServer> {
  const server = launch(run, port);
  const url = `postgres://postgres:${run.cluster.password}@127.0.0.1:${port}/postgres`;
  try {
    await untilAnswering(url, server.ended);
    return { url, ...server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function launch(run: ServerRun, port: number): Omit<RunningServer, 'url'> {
  const output = openSync(run.logFile, tooLong(run.logFile) ? 'w' : 'a', 0o600);
  const child = spawnLeashed(commandFor(run, port), { account: run.account, signal: 'INT', output });
  closeSync(output);
  let stopping = false;
  const exit = once(child, 'exit');
  const stop = async () => {
    stopping = true;
    child.ref();
    child.stdin?.destroy();
    const late = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGQUIT'), STOP_DEADLINE_MS);
    await exit;
    clearTimeout(late);
  };
  const ended = new Promise<string>(resolve => {
    void exit.then(() => {
      child.stdin?.destroy();
      if (!stopping) resolve(`PostgreSQL ended: ${lastWords(run.logFile)}`);
    });
  });
  return { stop, ended };
}

function commandFor({ cluster, binaries, settings }: ServerRun, port: number): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket's path is limited to 107 bytes, which a data directory may exceed.
    unix_socket_directories: '',
    // Every queue, worker and data source opens a pool of its own.
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['env', ...MEMORY, join(binaries, 'bin/postgres'), '-D', cluster.dataPath, ...options];
}

function tooLong(logFile: string): boolean {
  return existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES;
}

function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return `${lines.slice(-3).join(' ')} (${logFile})`;
}
