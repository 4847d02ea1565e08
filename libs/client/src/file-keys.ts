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
      await (swept ??= sweep(directory));
      const scratch = place(`${intent}.${randomUUID()}`);
      await writeFile(scratch, fresh, { mode: 0o600, flush: true });
      try {
        // A link appears whole or not at all, and never over another.
        await link(scratch, place(intent));
        return { key: fresh, fresh: true };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        return { key: await readFile(place(intent), 'utf8'), fresh: false };
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
