import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Finds a program. On bare Debian as root it installs its package, which has the same name unless given. */
export async function debianProgram(program: string, from = program): Promise<string | undefined> {
  return onPath(program) ?? (await inTurn(() => install(program, from)));
}

const PLACES = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin'];

function onPath(program: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...PLACES];
  return places.map(place => join(place, program)).find(runnable);
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

let last: Promise<unknown> = Promise.resolve();

// Parallel installs would block each other on the package lists.
function inTurn<T>(step: () => Promise<T>): Promise<T> {
  const turn = last.then(step);
  last = turn.catch(() => undefined);
  return turn;
}

const PATIENCE_MS = 60_000;

async function install(program: string, from: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return undefined;
  // Another process may hold the package lock for a while, and a mirror may need a second attempt.
  for (const until = Date.now() + PATIENCE_MS; ; await pause(2_000)) {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', from);
    const found = onPath(program);
    if (found || Date.now() > until) return found;
  }
}

const OPTIONS = ['DPkg::Lock::Timeout=120', 'Acquire::Retries=2', 'Acquire::http::Timeout=20'];

/** Does not block this process; success is checked by the presence of the program. */
async function apt(...words: string[]): Promise<void> {
  // With run level 1 Debian's scripts do not start a system service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = OPTIONS.flatMap(option => ['-o', option]);
  const child = spawn('apt-get', [...options, ...words], { env, stdio: 'ignore' });
  await once(child, 'exit').catch(() => undefined);
}
