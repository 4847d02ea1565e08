import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyStore } from './keys.js';

/** The gateway forgets a key after 30 days; a younger one would still join its write. */
const KEPT_MS = 31 * 24 * 3_600_000;

/** Keys as files of a directory, one per intent: they outlive the process, and processes of one machine may share them. */
export function fileKeys(directory: string): KeyStore {
  const place = (intent: string) => join(directory, intent);
  let swept: Promise<void> | undefined;
  return {
    keep: async (intent, fresh) => {
      // A directory that could not be made may be there the next time.
      await (swept ??= sweep(directory).catch(error => {
        swept = undefined;
        throw error;
      }));
      const scratch = place(`${intent}.${randomUUID()}`);
      await writeFile(scratch, fresh, { mode: 0o600, flush: true });
      try {
        for (;;) {
          // A link appears whole or not at all, and never over another.
          const made = await link(scratch, place(intent)).then(() => true, unless('EEXIST'));
          if (made) return { key: fresh, fresh: true };
          // Whoever had it may have let go of it in between.
          const key = await readFile(place(intent), 'utf8').catch(unless('ENOENT'));
          if (key !== undefined) return { key, fresh: false };
        }
      } finally {
        await rm(scratch, { force: true });
      }
    },
    forget: async (intent, key) => {
      const kept = await readFile(place(intent), 'utf8').catch(() => undefined);
      if (kept === key) await rm(place(intent), { force: true });
    },
  };
}

async function sweep(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const known = await stat(path).catch(() => undefined);
    if (known && known.mtimeMs < Date.now() - KEPT_MS) await rm(path, { force: true });
  }
}

/** Passes over an error of this code. */
const unless =
  (code: string) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
