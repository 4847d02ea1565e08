import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyReadable } from './copy-readable.js';

it("copies for the server's user what a umask like 077 closed to it, and keeps its links", () => {
  const place = mkdtempSync(join(tmpdir(), 'copy-spec-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const [from, to] = [join(place, 'from'), join(place, 'to')];
  mkdirSync(join(from, 'bin'), { recursive: true, mode: 0o700 });
  writeFileSync(join(from, 'bin/postgres'), '', { mode: 0o700 });
  writeFileSync(join(from, 'bin/notes'), '', { mode: 0o600 });
  symlinkSync('postgres', join(from, 'bin/postmaster'));

  copyReadable(from, to);
  const mode = (name: string) => statSync(join(to, name)).mode & 0o777;
  expect(['', 'bin', 'bin/postgres', 'bin/notes'].map(mode)).toEqual([0o755, 0o755, 0o755, 0o644]);
  expect(lstatSync(join(to, 'bin/postmaster')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(to, 'bin/postmaster'))).toBe('postgres');
});
