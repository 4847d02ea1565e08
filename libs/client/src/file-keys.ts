import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyStore } from './keys.js';

/** The gateway forgets a key after 30 days; until then a retry still joins its write. */
const KEPT_MS = 31 * 24 * 3_600_000;
const SWEPT_EVERY_MS = 24 * 3_600_000;

/** Keeps keys as files in a directory, one per intent: they survive the process, and the processes of one machine may share them. */
export function fileKeys(directory: string): KeyStore {
  const place = (intent: string) => join(directory, intent);
  let swept = Promise.resolve();
  let sweptAt = 0;
  const sweepDaily = (): Promise<void> => {
    if (Date.now() - sweptAt < SWEPT_EVERY_MS) return swept;
    sweptAt = Date.now();
    return (swept = sweep(directory).catch(error => {
      // If the directory could not be created, try again next time.
      sweptAt = 0;
      throw error;
    }));
  };
  return {
    keep: async (intent, fresh) => {
      await sweepDaily();
      const scratch = place(`${intent}.${randomUUID()}`);
      await writeFile(scratch, fresh, { mode: 0o600, flush: true });
      try {
        for (;;) {
          // Linking is atomic and never overwrites an existing file.
          const made = await link(scratch, place(intent)).then(() => true, unless('EEXIST'));
          if (made) return { key: fresh, fresh: true };
          // The key may have been released in between.
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

/** Ignores errors with this code. */
const unless =
  (code: string) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== code) throw error;
  };
