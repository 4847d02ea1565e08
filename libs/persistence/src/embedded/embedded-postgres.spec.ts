import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { builtFile } from '../../../../test/support/built.js';
import { CannotStart, startEmbeddedPostgres, type EmbeddedPostgres } from './index.js';
import { describeProcess } from './processes.js';

const settings = { fsync: 'off', full_page_writes: 'off' };

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that owns the database, as `npm start` does. */
async function startOwner(dataDir: string): Promise<{ owner: ChildProcess; url: string }> {
  const launcher = await builtFile('libs/persistence/src/embedded/index.js');
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(launcher)});
    const { url } = await startEmbeddedPostgres(${JSON.stringify({ dataDir, settings })});
    console.log(url);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(owner.stdout!), 'line')) as [string];
  return { owner, url };
}

async function serverPid(dataPath: string): Promise<number> {
  return Number((await readFile(join(dataPath, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  let running: EmbeddedPostgres | undefined;

  let otherDir: string;
  let other: EmbeddedPostgres | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'embedded-spec-'));
    otherDir = `${dataDir}-other`;
    await chmod(dataDir, 0o755);
  });

  afterEach(async () => {
    await Promise.all([running?.stop(), other?.stop()]);
    running = other = undefined;
    for (const dir of [dataDir, otherDir]) await rm(dir, { recursive: true, force: true });
  });

  it('keeps what was written over a stop and a start, and a password for its owner alone', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await query(running.url, 'create table kept as select 42 as answer');
    const first = running;
    await running.stop();
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(running.dataPath).toBe(first.dataPath);
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o077).toBe(0);
    const stranger = Object.assign(new URL(running.url), { password: 'guess' }).toString();
    await expect(query(stranger, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('goes with its owner after kill -9, and what was committed is there at the next start', async () => {
    const { owner, url } = await startOwner(dataDir);
    await query(url, 'create table kept as select 42 as answer');
    const pid = await serverPid(join(dataDir, 'postgres'));
    owner.kill('SIGKILL');
    await expect.poll(() => describeProcess(pid)).toBeUndefined();
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('starts over a server that was killed together with its owner', async () => {
    const { owner, url } = await startOwner(dataDir);
    await query(url, 'create table kept as select 42 as answer');
    process.kill(await serverPid(join(dataDir, 'postgres')), 'SIGKILL');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('tells a second start who owns the database, and leaves the first one alone', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    const second = startEmbeddedPostgres({ dataDir, settings });
    await expect(second).rejects.toThrow(CannotStart);
    await expect(second).rejects.toThrow(`already run by process ${process.pid}`);
    expect(await query(running.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('keeps its files, and only its own, elsewhere when the directory is closed to its user', async () => {
    await chmod(dataDir, 0o700);
    const told: string[] = [];
    running = await startEmbeddedPostgres({ dataDir, settings, log: line => told.push(line) });
    const { dataPath } = running;
    if (process.getuid?.() !== 0) return expect(dataPath).toBe(join(dataDir, 'postgres'));
    expect(dataPath).toMatch(/^\/var\/lib\/loyalty-gateway-data-[0-9a-f]{16}\/postgres$/);
    expect(told.join()).toContain(dirname(dataPath));
    await running.stop();
    await chmod(dataDir, 0o755);
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(running.dataPath).toBe(dataPath);
    await running.stop();
    await rm(dirname(dataPath), { recursive: true });
  });

  it('gives a copied directory its own database and leaves the first one running', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await query(running.url, 'create table kept as select 42 as answer');
    await running.stop();
    execFileSync('cp', ['-a', dataDir, otherDir]);
    running = await startEmbeddedPostgres({ dataDir, settings });
    other = await startEmbeddedPostgres({ dataDir: otherDir, settings });
    await query(other.url, 'update kept set answer = 43');
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('leaves a database elsewhere to the directory that it was made for, not to a copy of that', async () => {
    if (process.getuid?.() !== 0) return;
    await chmod(dataDir, 0o700);
    running = await startEmbeddedPostgres({ dataDir, settings });
    const { dataPath } = running;
    onTestFinished(() => rm(dirname(dataPath), { recursive: true }));
    execFileSync('cp', ['-a', dataDir, otherDir]);
    await rm(join(otherDir, 'postgres.lock'));
    const copy = startEmbeddedPostgres({ dataDir: otherDir, settings });
    await expect(copy).rejects.toThrow(CannotStart);
    await expect(copy).rejects.toThrow(`The database at ${dataPath} belongs to`);
    expect(await query(running.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('keeps what was written when its directory is moved', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await query(running.url, 'create table kept as select 42 as answer');
    await running.stop();
    await rename(dataDir, otherDir);
    running = await startEmbeddedPostgres({ dataDir: otherDir, settings });
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    const record = JSON.parse(await readFile(join(otherDir, 'postgres.json'), 'utf8')) as object;
    expect(record).toMatchObject({ dataPath: running.dataPath });
  });

  it('runs as the user who owns its files, also where root would choose another one today', async () => {
    if (process.getuid?.() !== 0) return;
    running = await startEmbeddedPostgres({ dataDir, settings });
    await query(running.url, 'create table kept as select 42 as answer');
    await running.stop();
    execFileSync('chown', ['-R', '1:1', running.dataPath]);
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('tells when its files are gone rather than begin with an empty database', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await running.stop();
    await rm(running.dataPath, { recursive: true });
    await expect(startEmbeddedPostgres({ dataDir, settings })).rejects.toThrow(/is gone: put it back/);
  });

  it('tells of a database without its record, and opens it once that is put back', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await query(running.url, 'create table kept as select 42 as answer');
    await running.stop();
    const record = join(dataDir, 'postgres.json');
    await rename(record, `${record}.aside`);
    const start = startEmbeddedPostgres({ dataDir, settings });
    await expect(start).rejects.toThrow(CannotStart);
    await expect(start).rejects.toThrow(`${record}, which holds the password of the database at`);
    await rename(`${record}.aside`, record);
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(await query(running.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('carries on a first start that was cut short before it noted where the database is', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    await running.stop();
    const record = join(dataDir, 'postgres.json');
    const { password } = JSON.parse(await readFile(record, 'utf8')) as { password: string };
    await writeFile(record, JSON.stringify({ password }));
    running = await startEmbeddedPostgres({ dataDir, settings });
    expect(await query(running.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('says so when the server ends by itself', async () => {
    running = await startEmbeddedPostgres({ dataDir, settings });
    process.kill(await serverPid(running.dataPath), 'SIGTERM');
    await expect(running.ended).resolves.toMatch(/^PostgreSQL ended: /);
  });
});
