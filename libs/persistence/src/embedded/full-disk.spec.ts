import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CannotStart } from './cannot-start.js';
import { openCluster } from './cluster.js';
import { toldIfFull } from './full-disk.js';

describe('a database that cannot be made', () => {
  let dataDir: string;
  let dataPath: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'full-disk-spec-'));
    dataPath = join(dataDir, 'postgres');
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** What a start says whose initdb fails with these words. */
  function said(complaint: string): string {
    const binaries = join(dataDir, 'native');
    mkdirSync(join(binaries, 'bin'), { recursive: true });
    const script = `#!/bin/sh\necho 'creating subdirectories ... ok'\necho '${complaint}' >&2\nexit 1\n`;
    writeFileSync(join(binaries, 'bin/initdb'), script, { mode: 0o755 });
    const home = { dataDir, account: { prefix: [] }, binaries, durable: true, log: () => {} };
    try {
      openCluster(home);
      return '';
    } catch (error) {
      expect(error).toBeInstanceOf(CannotStart);
      return (error as Error).message;
    }
  }

  it('for want of room says in one sentence what to do', () => {
    expect(said('FATAL:  could not extend file "base/1/2691": No space left on device')).toBe(
      `The disk of ${dataPath} is full: make room on it, or set DATA_DIR to a directory on another one.`,
    );
  });

  it('for another reason says it without what went well', () => {
    expect(said('initdb: error: could not change permissions')).toBe(
      `PostgreSQL could not make a database in ${dataPath}: initdb: error: could not change permissions`,
    );
  });

  it('leaves an error alone that has nothing to do with room', () => {
    const defect = new Error('a defect');
    expect(toldIfFull(defect, dataDir)).toBe(defect);
  });
});
