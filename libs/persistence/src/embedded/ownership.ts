import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.js';
import { describeProcess } from './processes.js';

interface Owner {
  pid: number;
  started: string;
}

/**
 * Makes this process the single owner of a data directory; the returned function gives it back.
 * Throws CannotStart naming the process that owns it. A lock whose process is gone is taken over.
 */
export function takeOwnership(dataDir: string): () => void {
  const lock = join(dataDir, 'postgres.lock');
  const mine = `${lock}.${process.pid}.${Date.now()}`;
  const me: Owner = { pid: process.pid, started: describeProcess(process.pid)?.started ?? '' };
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    while (!linked(mine, lock)) clearDeadLock(dataDir, lock, mine);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(lock, { force: true });
}

// A hard link appears at once and whole, so nobody ever reads half a lock.
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function clearDeadLock(dataDir: string, lock: string, mine: string): void {
  const owner = readOwner(lock);
  if (owner && describeProcess(owner.pid)?.started === owner.started) throw heldBy(owner, dataDir);
  // Renamed before it is removed: if another start took the dead lock over meanwhile, its lock is put back.
  const aside = `${mine}.dead`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = readOwner(aside);
  if (moved && describeProcess(moved.pid)?.started === moved.started) linked(aside, lock);
  rmSync(aside, { force: true });
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function heldBy(owner: Owner, dataDir: string): CannotStart {
  return new CannotStart(
    `The database in ${dataDir} is already run by process ${owner.pid}: stop that one first, or set DATA_DIR to another directory.`,
  );
}
