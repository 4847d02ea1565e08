import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CannotStart } from '#persistence/embedded';

/** Creates the data directory if absent. Throws CannotStart, naming DATA_DIR, if it is not writable. */
export function makeDataDir(dataDir: string): void {
  try {
    make(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CannotStart(
      `Nothing can be stored in ${dataDir} (${(error as Error).message}): set DATA_DIR to a writable directory.`,
    );
  }
}

// Level by level: Node's `recursive` never ends below a directory that accepts no entries, such as /proc.
function make(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  make(dirname(path));
  mkdirSync(path);
}
