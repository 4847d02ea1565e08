import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, spawnLeashed } from '#persistence/embedded';
import { debianProgram } from './debian-program.js';

/** A Redis process of this run. */
export interface RedisServer {
  url: string;
  port: number;
  /** Stops it; its data is lost. */
  stop(): Promise<void>;
}

/** Finds redis-server. On bare Debian it is installed; elsewhere the error says what to do. */
export async function redisProgram(): Promise<string> {
  const program = await debianProgram('redis-server');
  if (program) return program;
  throw new Error(process.env['REDIS_URL'] ? OWN_REDIS : ANY_REDIS);
}

const ANY_REDIS =
  'These tests need Redis: install redis-server, or set REDIS_URL to a Redis that they may fill.';
const OWN_REDIS =
  'These tests stop and restart a Redis of their own, so REDIS_URL is not enough: install redis-server.';

/** Starts a Redis without persistence, on a free port unless given; `more` = its further settings. */
export async function startRedis(
  program: string,
  port?: number,
  more: readonly string[] = [],
): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const nowhere = openSync('/dev/null', 'w');
  const child = spawnLeashed(
    [
      program,
      '--port',
      `${chosen}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      ...more,
    ],
    { signal: 'TERM', output: nowhere },
  );
  closeSync(nowhere);
  const exit = once(child, 'exit');
  const exited = new AbortController();
  void exit.then(() => exited.abort());
  while (!(await answers(chosen, exited.signal))) {
    if (!exited.signal.aborted) {
      await pause(10);
      continue;
    }
    child.stdin?.destroy();
    if (port) throw new Error(`redis-server did not start on port ${port}.`);
    return startRedis(program, undefined, more); // Another process has taken the free port.
  }
  const stop = async () => {
    child.ref();
    child.stdin?.destroy();
    await exit;
  };
  return { url: `redis://127.0.0.1:${chosen}`, port: chosen, stop };
}

/** A Redis that listens may still give up: a node of a Cluster finds only then that its second port is taken or too high. */
async function answers(port: number, exited: AbortSignal): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data', { signal: exited });
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
