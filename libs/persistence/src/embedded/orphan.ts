import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotStart } from './cannot-start.js';
import { describeProcess } from './processes.js';

const DEADLINE_MS = 30_000;
// The largest id that Linux ever gives; no process has it in practice.
const NOBODY = 4_194_303;

/** Ends what a killed owner left behind: a server that still runs over these files, or the note of one that is dead. */
export async function clearOrphan(dataPath: string): Promise<void> {
  const pidFile = join(dataPath, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const alive = () => describeProcess(pid)?.command.includes(dataPath) ?? false;
  // It may be stopping already; where its keeper was killed too, nobody else will tell it.
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
  writeFileSync(pidFile, [NOBODY, ...rest].join('\n'));
}
