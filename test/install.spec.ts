import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const npm = execFileSync('npm', ['exec', '--call', 'echo "$npm_execpath"'], { encoding: 'utf8' }).trim();

describe('what a first start installs', () => {
  let place: string;
  let project: string;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'install-'));
    project = join(place, 'scripts/project.mjs');
    await mkdir(join(place, 'scripts'));
    await cp(join(root, 'scripts/project.mjs'), project);
    const own = { name: 'place', version: '1.0.0' };
    await writeFile(join(place, 'package.json'), JSON.stringify(own));
    const lock = { ...own, lockfileVersion: 3, packages: { '': own } };
    await writeFile(join(place, 'package-lock.json'), JSON.stringify(lock));
  });
  afterEach(() => rm(place, { recursive: true }));

  function install(env: NodeJS.ProcessEnv): { status: number | null; said: string } {
    const program = `(await import(${JSON.stringify(pathToFileURL(project).href)})).installIfStale()`;
    // No program is found by its name: on Windows `npm` is none.
    const options = { cwd: place, env: { HOME: place, PATH: '', ...env }, encoding: 'utf8' } as const;
    const words = ['--input-type=module', '--eval', program];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, options);
    return { status, said: stdout + stderr };
  }

  it('is installed by the npm that runs the start, wherever it is', () => {
    expect(install({ npm_execpath: npm })).toEqual({
      status: 0,
      said: expect.not.stringContaining('failed'),
    });
  });

  it('is told where the installation was killed, which says nothing itself', async () => {
    const killed = join(place, 'npm-cli.js');
    await writeFile(killed, `process.kill(process.pid, 'SIGKILL')`);
    const { status, said } = install({ npm_execpath: killed });
    expect(status).toBe(1);
    expect(said).toContain(`${process.execPath} was ended by SIGKILL.\nnpm ci failed: see above.`);
  });

  it.each([{}, { npm_execpath: '/opt/yarn/bin/yarn.js' }])('is told where there is no npm: %o', env => {
    const { status, said } = install(env);
    expect(status).toBe(1);
    expect(said).toContain('npm cannot be started: spawnSync npm ENOENT\nnpm ci failed: see above.');
  });
});
