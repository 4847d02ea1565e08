import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { clearOrphan } from './orphan.js';

it.each([
  { whose: 'these files', prefix: '', ends: true },
  { whose: 'files whose path ends alike', prefix: '/backup', ends: false },
])('a server of $whose, ended: $ends', async ({ prefix, ends }) => {
  const dataPath = mkdtempSync(join(tmpdir(), 'orphan-'));
  onTestFinished(() => rmSync(dataPath, { recursive: true }));
  const idle =
    'process.on("SIGINT", () => process.exit(7)); setInterval(() => undefined, 1e6); console.log("up")';
  const server = spawn(process.execPath, ['-e', idle, '--', '-D', `${prefix}${dataPath}`, '-c', 'port=1']);
  const ended = once(server, 'exit');
  await once(server.stdout, 'data');
  writeFileSync(join(dataPath, 'postmaster.pid'), `${server.pid}\n`);
  await clearOrphan(dataPath);
  if (!ends) server.kill('SIGKILL');
  expect(await ended).toEqual(ends ? [7, null] : [null, 'SIGKILL']);
});
