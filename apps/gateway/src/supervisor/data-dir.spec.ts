import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from '#persistence/embedded';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from './data-dir.js';

describe('the data directory', () => {
  let place: string;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'data-dir-spec-'));
  });

  afterEach(() => rm(place, { recursive: true }));

  it('is created with its parents, and left unchanged if it exists', async () => {
    const dataDir = join(place, 'a/b');
    makeDataDir(dataDir);
    makeDataDir(dataDir);
    expect((await stat(dataDir)).isDirectory()).toBe(true);
  });

  it('is refused if it is not writable, with the name of the variable', async () => {
    const file = join(place, 'file');
    await writeFile(file, '');
    for (const dataDir of [file, join(file, 'below'), '/proc/none']) {
      expect(() => makeDataDir(dataDir), dataDir).toThrow(CannotStart);
      expect(() => makeDataDir(dataDir), dataDir).toThrow(`Nothing can be stored in ${dataDir} (`);
      expect(() => makeDataDir(dataDir), dataDir).toThrow('set DATA_DIR to');
    }
  });
});
