import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart, CLUSTER_RECORD } from '#persistence/embedded';
import { newKey } from '../auth/key-hash.js';
import { masterKeyFault } from '../settings-rules.js';

/** The master key of an embedded installation, stored in the data directory and generated at the first start. */
export function masterKey(dataDir: string): string {
  const file = join(dataDir, 'master-key');
  if (existsSync(file)) return keyIn(file, dataDir);
  if (holdsDatabase(dataDir)) {
    throw new CannotStart(
      `The database in ${dataDir} was sealed with a master key that is gone: put ${file} back, or set MASTER_KEY to it.`,
    );
  }
  const key = randomBytes(32).toString('base64');
  // Renamed into place: a partly written key would make the database unreadable.
  writeFileSync(`${file}.new`, `${key}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return key;
}

// Empty or cut, as after a full disk or a program that failed. The apps would call MASTER_KEY wrong, which nobody set.
function keyIn(file: string, dataDir: string): string {
  const key = readFileSync(file, 'utf8').trim();
  if (masterKeyFault(key) === undefined) return key;
  throw new CannotStart(
    `${file} does not hold a master key: put the right one back, or set MASTER_KEY to it. Delete the file only if nothing was stored in ${dataDir} yet.`,
  );
}

/** Whether the data directory contains an embedded database. */
export function holdsDatabase(dataDir: string): boolean {
  return existsSync(join(dataDir, CLUSTER_RECORD));
}

/** A first key that was not shown yet. */
export interface BootstrapKey {
  key: string;
  /** Call once it was shown: it is not generated again for this data directory. */
  shown(): void;
}

/** A new first key; undefined if one was shown before. With a new database none was, whatever the directory says. */
export function bootstrapKey(dataDir: string, newDatabase: boolean): BootstrapKey | undefined {
  const note = join(dataDir, 'bootstrap-key-shown');
  if (existsSync(note) && !newDatabase) return undefined;
  const shown = () => writeFileSync(note, `${new Date().toISOString()}\n`, { mode: 0o600 });
  return { key: newKey(), shown };
}
