import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyWhole } from './binaries.js';

it('copies the binaries again where a part of the copy was cleaned away, and only then', () => {
  const place = mkdtempSync(join(tmpdir(), 'binaries-spec-'));
  onTestFinished(() => rmSync(place, { recursive: true }));
  const [installed, copy] = [join(place, 'installed'), join(place, 'copy/native')];
  mkdirSync(join(installed, 'bin'), { recursive: true });
  mkdirSync(join(place, 'copy'));
  writeFileSync(join(installed, 'pg-symlinks.json'), '[]');
  for (const name of ['postgres', 'initdb']) writeFileSync(join(installed, 'bin', name), name);
  const told: string[] = [];
  const start = () => copyWhole(installed, copy, line => told.push(line));

  start();
  start();
  expect(told).toHaveLength(1);
  rmSync(join(copy, 'bin/initdb'));
  start();
  expect(told).toHaveLength(2);
  expect(readFileSync(join(copy, 'bin/initdb'), 'utf8')).toBe('initdb');
  expect(existsSync(join(copy, 'bin/postgres'))).toBe(true);
});
