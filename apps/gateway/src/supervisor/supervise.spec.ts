import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeProcess, freePort } from '#persistence/embedded';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtFile } from '../../../../test/support/built.js';
import { startServer } from '../../../../test/support/server.js';

// A substitute app: writes its environment and its stop to a journal, and answers /readyz.
const PROGRAM = `
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
const [name] = import.meta.url.split('/').slice(-3);
const tell = (event, more) => appendFileSync(process.env.JOURNAL, JSON.stringify({ name, event, pid: process.pid, ...more }) + '\\n');
const { MASTER_KEY, BOOTSTRAP_API_KEY, DATABASE_URL, SANDBOX, HOST } = process.env;
tell('started', { env: { MASTER_KEY, BOOTSTRAP_API_KEY, DATABASE_URL, SANDBOX, HOST } });
process.on('SIGTERM', () => { tell('stopped'); process.exit(0); });
if (process.env.DIES === name) process.exit(7);
if (name === 'gateway') createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1');
else setInterval(() => {}, 1000);
`;

const given = { DATABASE_URL: 'postgres://given', MASTER_KEY: randomBytes(32).toString('base64') };

interface Entry {
  name: string;
  event: 'started' | 'stopped';
  pid: number;
  env: Record<'MASTER_KEY' | 'BOOTSTRAP_API_KEY' | 'DATABASE_URL' | 'SANDBOX' | 'HOST', string | undefined>;
}

interface Run {
  process: ChildProcess;
  said(): string;
  exit: Promise<number | null>;
}

// Generous: a busy machine is slow to start five processes.
describe('the supervisor', { timeout: 180_000 }, () => {
  let place: string;
  let env: NodeJS.ProcessEnv;
  let runs: ChildProcess[];

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'supervise-spec-'));
    await chmod(place, 0o755);
    await writeFile(join(place, 'package.json'), '{"type":"module"}');
    for (const name of ['gateway', 'worker', 'sandbox']) {
      await mkdir(join(place, name, 'src'), { recursive: true });
      await writeFile(join(place, name, 'src/main.js'), PROGRAM);
    }
    runs = [];
    env = {
      PATH: process.env['PATH'],
      DATA_DIR: join(place, 'data'),
      JOURNAL: join(place, 'journal'),
      PORT: String(await freePort()),
      SANDBOX_PORT: String(await freePort()),
    };
  });

  afterEach(async () => {
    for (const run of runs) run.kill('SIGKILL');
    await expect.poll(async () => (await journal()).every(({ pid }) => !describeProcess(pid))).toBe(true);
    await rm(place, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(more: NodeJS.ProcessEnv = {}, under: string[] = []): Promise<Run> {
    const folder = await builtFile('apps/gateway/src/supervisor');
    const program = `
      const { supervise } = await import(${JSON.stringify(`${folder}/supervise.js`)});
      const { listenForStop } = await import(${JSON.stringify(`${folder}/stop-signals.js`)});
      const run = { env: process.env, apps: ${JSON.stringify(place)}, signals: listenForStop(), say: console.log };
      process.exitCode = await supervise(run).catch(error => (console.log(error.message), 1));`;
    const [command, ...words] = [...under, process.execPath, '--input-type=module', '-e', program];
    const child = spawn(command, words, { env: { ...env, ...more } });
    runs.push(child);
    let said = '';
    child.stdout.on('data', chunk => (said += chunk));
    child.stderr.on('data', chunk => (said += chunk));
    const exit = once(child, 'close').then(([code]) => code as number | null);
    return { process: child, said: () => said, exit };
  }

  async function journal(): Promise<Entry[]> {
    const text = await readFile(env['JOURNAL']!, 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Entry);
  }

  const ready = (run: Run) => expect.poll(run.said).toContain('The gateway is ready');
  const bothRun = async (run: Run) => {
    await ready(run);
    const names = async () => (await journal()).map(entry => entry.name).toSorted();
    await expect.poll(names).toEqual(['gateway', 'worker']);
  };

  it('runs everything without any setting, shows the first key once, and stops the gateway first', async () => {
    const run = await start();
    await ready(run);
    const [key] = run.said().match(/lgk_[\w-]{43,}/) ?? [];
    const started = await journal();
    expect(started.map(entry => entry.name).toSorted()).toEqual(['gateway', 'sandbox', 'worker']);
    expect(new Set(started.map(entry => JSON.stringify(entry.env))).size).toBe(1);
    const appEnv = started[0]!.env;
    expect(appEnv).toMatchObject({ SANDBOX: 'on', HOST: '127.0.0.1', BOOTSTRAP_API_KEY: key });
    expect(Buffer.from(appEnv.MASTER_KEY!, 'base64')).toHaveLength(32);
    expect((await stat(join(env['DATA_DIR']!, 'master-key'))).mode & 0o077).toBe(0);
    await query(appEnv.DATABASE_URL!);

    run.process.kill('SIGINT');
    expect(await run.exit).toBe(0);
    const stops = (await journal()).filter(entry => entry.event === 'stopped');
    expect(stops.map(entry => entry.name)).toEqual(['gateway', 'worker', 'sandbox']);
    await expect(query(appEnv.DATABASE_URL!)).rejects.toThrow('ECONNREFUSED');

    const again = await start();
    await ready(again);
    expect(again.said()).not.toContain('lgk_');
    expect((await journal()).at(-1)!.env).toMatchObject({ MASTER_KEY: appEnv.MASTER_KEY });
    again.process.kill('SIGTERM');
    expect(await again.exit).toBe(0);

    await rm(join(env['DATA_DIR']!, 'master-key'));
    const locked = await start();
    expect(await locked.exit).toBe(1);
    expect(locked.said()).toMatch(/was sealed with a master key that is gone: put .* back/);
  });

  it.each(['', 'c2hvcnQ='])(
    'says which file holds no master key, before there is a database: %j',
    async text => {
      const file = join(env['DATA_DIR']!, 'master-key');
      await mkdir(env['DATA_DIR']!);
      await writeFile(file, text);
      const run = await start();
      expect(await run.exit).toBe(1);
      expect(run.said()).toBe(
        `${file} does not hold a master key: put the right one back, or set MASTER_KEY to it. Delete the file only if nothing was stored in ${env['DATA_DIR']} yet.\n`,
      );
      expect(await journal()).toEqual([]);
    },
  );

  it('runs nothing embedded when a database is given', async () => {
    const run = await start({ ...given, BOOTSTRAP_API_KEY: `lgk_${'g'.repeat(43)}` });
    await bothRun(run);
    expect((await journal())[0]!.env).toMatchObject({ ...given, SANDBOX: 'off' });
    run.process.kill('SIGTERM');
    expect(await run.exit).toBe(0);
  });

  it('gives the processes one address to listen on and to call where HOST is a name', async () => {
    const run = await start({ ...given, SANDBOX: 'on', HOST: 'localhost' });
    await ready(run);
    expect(new Set((await journal()).map(entry => entry.env.HOST))).toEqual(new Set(['127.0.0.1']));
    run.process.kill('SIGTERM');
    expect(await run.exit).toBe(0);
  });

  it('stops everything and says which process died', async () => {
    const run = await start({ ...given, DIES: 'worker' });
    expect(await run.exit).toBe(1);
    expect(run.said()).toContain('The worker ended with exit code 7');
  });

  it('leaves no process behind after kill -9', async () => {
    const run = await start(given);
    await bothRun(run);
    run.process.kill('SIGKILL');
    const stopped = async () => (await journal()).filter(entry => entry.event === 'stopped').length;
    await expect.poll(stopped).toBe(2);
  });

  it('stops when npm is stopped, which does not forward signals', async () => {
    const run = await start({ ...given, npm_lifecycle_event: 'start' }, ['sh', '-c', '"$0" "$@"; :']);
    await bothRun(run);
    run.process.kill('SIGKILL');
    const stopped = async () => (await journal()).filter(entry => entry.event === 'stopped').length;
    await expect.poll(stopped).toBe(2);
    await expect.poll(run.said).toContain('Stopping …');
  });

  it('says so if the port is taken by another gateway', async () => {
    const other = await startServer((_, response) =>
      response.setHeader('server-timing', 'gateway;dur=0.6').end('{"status":"ok"}'),
    );
    const { port } = new URL(other.url);
    const run = await start({ PORT: port });
    expect(await run.exit).toBe(1);
    expect(run.said()).toBe(
      `Port ${port} of 127.0.0.1 is taken by a gateway that is already running: stop it, or set PORT to another one.\n`,
    );
    await other.close();
  });

  it('names PORT if another program has taken it', async () => {
    const other = await startServer((_, response) => response.end());
    const { port } = new URL(other.url);
    const run = await start({ PORT: port });
    expect(await run.exit).toBe(1);
    expect(run.said()).toBe(
      `Port ${port} of 127.0.0.1 is taken by another program: set PORT to another one.\n`,
    );
    await other.close();
  });

  it.skipIf(!existsSync('/dev/full'))('says what to do when the disk is full', async () => {
    await mkdir(env['DATA_DIR']!);
    await symlink('/dev/full', join(env['DATA_DIR']!, 'master-key.new'));
    const run = await start();
    expect(await run.exit).toBe(1);
    expect(run.said()).toMatch(/^The disk of .*data is full: make room on it, or set DATA_DIR/);
  });

  it.each([
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL takes fatal/],
    [{ EGRESS_ALLOW: 'localhost', MASTER_KEY: 'short' }, /^MASTER_KEY has 3 bytes.*\nEGRESS_ALLOW takes/],
    [{ DATABASE_URL: 'postgres://given' }, /^MASTER_KEY is missing/],
    [
      { REDIS_URL: 'redis://:secret@127.0.0.1:1/2' },
      /^Redis cannot be reached at 127\.0\.0\.1:1 \(connect ECONNREFUSED 127\.0\.0\.1:1\): start it, or correct REDIS_URL\.$/,
    ],
    [
      { HOST: 'no.such.host.invalid' },
      /^HOST is "no.such.host.invalid", which is not an address of this machine/,
    ],
  ])('says what is wrong with %o once, and creates nothing', async (bad, sentence) => {
    const run = await start(bad);
    expect(await run.exit).toBe(1);
    expect(run.said().trim()).toMatch(sentence);
    expect(run.said().trim().split('\n')).toHaveLength(Object.keys(bad).length);
    expect(await journal()).toEqual([]);
    await expect(stat(env['DATA_DIR']!)).rejects.toThrow('ENOENT');
  });
});

async function query(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}
