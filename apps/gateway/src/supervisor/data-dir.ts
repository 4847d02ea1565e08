import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CannotStart } from '#persistence/embedded';

/** Makes the data directory where it is absent. Throws CannotStart, naming DATA_DIR, when nothing can be kept in it. */
export function makeDataDir(dataDir: string): void {
  try {
    make(dataDir);
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CannotStart(
      `Nothing can be kept in ${dataDir} (${(error as Error).message}): set DATA_DIR to a directory that can be written.`,
    );
  }
}

// Level by level: Node's own `recursive` never ends below a directory that takes no entries, as /proc is one.
function make(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  make(dirname(path));
  mkdirSync(path);
}
