import { chmodSync, cpSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Copies a directory so that every user can read it and run what its owner can run, also where a umask like 077 closed it. */
export function copyReadable(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  open(to);
}

function open(path: string): void {
  const { mode } = lstatSync(path);
  const kind = mode & 0o170_000;
  if (kind === 0o120_000) return;
  chmodSync(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
  if (kind === 0o040_000) for (const name of readdirSync(path)) open(join(path, name));
}
