import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.js';

/**
 * A directory outside the project that belongs to one key and to nobody else, for what cannot stay where it is.
 * The same key always gives the same directory. Throws CannotStart when another user made it first.
 */
export function elsewhere(purpose: string, key: string): string {
  // What is in /var/tmp may be cleaned away after a month, so root, who alone keeps a database elsewhere, does without.
  const path = join(process.getuid?.() === 0 ? '/var/lib' : '/var/tmp', nameElsewhere(purpose, key));
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const { uid, mode } = lstatSync(path);
  const directory = (mode & 0o170_000) === 0o040_000;
  // /var/tmp is writable for all: a directory made by another user is not trusted.
  if (!directory || uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new CannotStart(
      `${path} belongs to another user or can be written by others: remove it and start again.`,
    );
  }
  // The umask may have closed it to the server's user, for whom it is.
  chmodSync(path, 0o755);
  return path;
}

/** The last part of its path, by which it is known whose it is. */
export function nameElsewhere(purpose: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `loyalty-gateway-${purpose}-${hash}`;
}
