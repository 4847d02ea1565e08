import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotStart } from './cannot-start.js';
import { describeProcess } from './processes.js';

const DEADLINE_MS = 30_000;
// The largest process id of Linux; in practice no process has it.
const UNUSED_PID = 4_194_303;

/** Cleans up after a killed owner: stops a server that still runs on these files, or disowns the pid file of a dead one. */
export async function clearOrphan(dataPath: string): Promise<void> {
  const pidFile = join(dataPath, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  // The whole argument: the end of another server's path may be the same.
  const alive = () => `${describeProcess(pid)?.command} `.includes(` -D ${dataPath} `);
  // It may be stopping already; if its parent shell was killed too, nothing else stops it.
  if (alive()) process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + DEADLINE_MS; alive(); await pause(20)) {
    if (Date.now() > deadline)
      throw new CannotStart(`PostgreSQL ${pid} still runs in ${dataPath} and does not stop.`);
  }
  if (existsSync(pidFile)) disown(pidFile);
}

// PostgreSQL takes any process with the noted id for a server, also a zombie or a later process of the same user, and
// then refuses to start. The rest of the note stays: by it PostgreSQL finds sessions that outlived their server.
function disown(pidFile: string): void {
  const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n');
  writeFileSync(pidFile, [UNUSED_PID, ...rest].join('\n'));
}
