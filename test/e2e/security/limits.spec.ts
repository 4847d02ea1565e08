import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { registry } from '#adapters';
import { freePort } from '#persistence/embedded';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newKey } from '../../../apps/gateway/src/auth/key-hash.js';
import { builtFile } from '../../support/built.js';
import { createTestDatabase } from '../../support/database.js';
import type { TestDatabase } from '../../support/database.js';
import { startGateway } from '../../support/gateway.js';
import type { TestGateway } from '../../support/gateway.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';
import { routesOf } from './tenants/routes.js';

const MIB = 1024 * 1024;

describe('questions that are too large', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let document: any;
  const slugs: Record<string, string> = {};

  beforeAll(async () => {
    stack = await startStack({ store: 'postgres' });
    ({ world, gateway } = stack);
    document = (await gateway.ask({ path: '/openapi.json', key: null })).body;
    for (const provider of Object.keys(registry)) slugs[provider] = (await world.connect(provider)).slug;
  });
  afterAll(() => stack.close());

  const withParameter = (...names: string[]) =>
    routesOf(document).filter(({ method, path }) => {
      const { parameters = [] } = document.paths[path][method.toLowerCase()];
      return names.every(name => parameters.some((one: any) => one.in === 'query' && one.name === name));
    });

  it.each(['0', '101', '-1', '1e3', 'all', '99999999999999999999'])(
    'are refused by every list: limit=%s',
    async limit => {
      const lists = withParameter('limit');
      expect(lists.length).toBeGreaterThan(15);
      for (const { path } of lists) {
        const told = await gateway.ask({ path: `${path.replace(/\{\w+\}/, '1')}?limit=${limit}` });
        expect([path, told.status, told.body.code]).toEqual([path, 400, 'invalid-parameter']);
        expect(told.body.errors.map((fault: any) => fault.pointer)).toContain('/query/limit');
      }
    },
  );

  it('are refused by every list with a date range: more than 366 days', async () => {
    const lists = withParameter('from', 'to').filter(
      ({ path }) => path.startsWith('/v1/') && !/\/x\/|\{/.test(path),
    );
    expect(lists.length).toBeGreaterThan(6);
    for (const { path } of lists) {
      const more = path.includes('statistics') ? '&subject=campaigns' : '';
      const told = await Promise.all(
        Object.values(slugs).map(slug =>
          gateway.ask({
            path: `${path}?from=2024-01-01&to=2025-06-01${more}`,
            headers: { 'gateway-connection': slug },
          }),
        ),
      );
      // An unsupported list is refused for that reason.
      expect([path, told.every(({ status }) => [400, 422, 501].includes(status))]).toEqual([path, true]);
      expect([path, told.some(({ body }) => /366/.test(body.detail))]).toEqual([path, true]);
    }
  });

  it('get a retry time when too frequent, per key and per wrong key', async () => {
    const slow = await startGateway(world, { keyRateLimit: 2 });
    const many = await Promise.all(Array.from({ length: 8 }, () => slow.ask({ path: '/v1/audit-log' })));
    const refused = many.find(({ status }) => status === 429)!;
    expect(refused.headers['retry-after']).toBe('1');
    // The exceeded limit is reported, with nothing remaining.
    expect(refused.headers['ratelimit-policy']).toBe('"key";q=2;w=1');
    expect(refused.headers['ratelimit']).toBe('"key";r=0;t=1');
    let told = await slow.ask({ path: '/v1/audit-log', key: newKey() });
    for (let guess = 0; guess < 40 && told.status === 401; guess++)
      told = await slow.ask({ path: '/v1/audit-log', key: newKey() });
    expect(told).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(told.headers['retry-after'])).toBeGreaterThan(0);
    await slow.close();
  });

  it('are cut off early: headers, paths', async () => {
    const url = new URL(await gateway.listen());
    const said = async (head: string) => {
      const socket = connect(Number(url.port), url.hostname).on('error', () => undefined);
      let text = '';
      socket.on('data', chunk => (text += String(chunk)));
      socket.write(head);
      await once(socket, 'close');
      return text;
    };
    expect(
      await said(`GET /v1/purchases HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(32_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 [^]*application\/problem\+json/);
    expect(await said(`GET /${'x'.repeat(32_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('a process under attack', () => {
  let database: TestDatabase;
  let child: ChildProcess;
  let port: number;
  const key = newKey();
  const sockets: Socket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    port = await freePort();
    const file = await builtFile('apps/gateway/src/main.js');
    child = spawn(process.execPath, [file], {
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: database.url,
        MASTER_KEY: randomBytes(32).toString('base64'),
        BOOTSTRAP_API_KEY: key,
        PORT: String(port),
        HOST: '127.0.0.1',
        KEY_RATE_LIMIT: '10000',
      },
    });
    await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), {
      timeout: 90_000,
      interval: 100,
    });
  }, 180_000);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    if (child?.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await database?.drop();
  });

  const ask = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${key}` } });
  const memory = () => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)])) * 1024;
  const post = (more: string, whose = key) =>
    `POST /v1/quotes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${whose}\r\ncontent-type: application/json\r\n${more}\r\n`;

  function dial(head: string): Socket {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    // An unread response keeps its socket open.
    socket.resume();
    socket.write(head);
    return socket;
  }

  /** Sends a gigabyte in chunks while it is read; returns the bytes accepted. */
  async function flood(whose: string): Promise<number> {
    const socket = dial(post('transfer-encoding: chunked\r\n', whose));
    const chunk = `10000\r\n${' '.repeat(0x1_00_00)}\r\n`;
    // `once` of node:events rejects for the reset that ends it.
    const closed = new Promise(resolve => socket.once('close', resolve));
    const drained = () => new Promise(resolve => socket.once('drain', resolve));
    for (let sent = 0; sent < 1024 * MIB && !socket.destroyed; sent += chunk.length) {
      if (!socket.write(chunk)) await Promise.race([drained(), closed]);
    }
    socket.destroy();
    await closed;
    return socket.bytesWritten;
  }

  async function siege(): Promise<Socket[]> {
    const loris = Array.from({ length: 150 }, () =>
      dial('GET /v1/purchases HTTP/1.1\r\nhost: x\r\nx-slow: '),
    );
    // Just below the limit, and never finished.
    for (let index = 0; index < 40; index++) dial(post(`content-length: 200000\r\n`) + ' '.repeat(190_000));
    const strangers = newKey();
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, index) => flood(index % 2 ? key : strangers)),
    );
    // Includes what the sockets' buffers accept.
    expect(Math.max(...taken)).toBeLessThan(32 * MIB);
    return loris;
  }

  it('limits memory for gigabyte bodies and slow senders while serving others', async () => {
    // A first run fills one-time memory: compiled code, pools, buffers.
    await siege();
    const before = memory();
    const loris = await siege();
    expect(memory() - before).toBeLessThan(50 * MIB);
    expect((await ask('/v1/purchases')).status).toBe(200);
    // They are cut off in the end.
    await Promise.all(
      loris.map(async socket => socket.closed || new Promise(resolve => socket.once('close', resolve))),
    );
  });
});
