import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request as overTls } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, spawnLeashed } from '#persistence/embedded';
import { startWorkers } from '#outbound';
import type { Workers } from '#outbound';
import { selfSigned } from '../../libs/outbound/src/http/testing/certificate.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { service } from '../support/service.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const nginx = await service('nginx');
const whyNot = nginx ? '' : ' (nginx is not installed, and only on Debian as root may a test install it)';

describe.skipIf(!nginx)(`the example of a local TLS front${whyNot}`, () => {
  let world: World;
  let workers: Workers;
  let gateway: TestGateway;
  let key: string;
  let place: string;
  let ports: { http: number; https: number };
  let front: ReturnType<typeof spawnLeashed>;
  const { key: tlsKey, cert } = selfSigned('udsgame.com');

  beforeAll(async () => {
    world = await startWorld();
    workers = startWorkers(world.core, world.queues);
    gateway = await startGateway(world);
    key = await gateway.makeKey({ scopes: ['compat'], defaultConnectionId: (await world.connect('uds')).id });
    ports = { http: await freePort(), https: await freePort() };
    place = await mkdtemp(join(tmpdir(), 'uds-v1-nginx-'));
    await mkdir(join(place, 'logs'));
    await writeFile(join(place, 'udsgame.com.crt'), cert);
    await writeFile(join(place, 'udsgame.com.key'), tlsKey);
    await writeFile(join(place, 'nginx.conf'), frame(await example(await gateway.listen())));
    const log = openSync(join(place, 'logs/start.log'), 'w');
    front = spawnLeashed([nginx, '-p', place, '-c', join(place, 'nginx.conf')], {
      signal: 'TERM',
      output: log,
    });
    closeSync(log);
    await vi.waitFor(started, { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    const exit = once(front, 'exit');
    front.ref();
    front.stdin?.destroy();
    await exit;
    await gateway.close();
    await workers.close();
    await world.close();
    await rm(place, { recursive: true });
  });

  // The documented file, with only its configurable values and ports changed.
  async function example(gatewayUrl: string): Promise<string> {
    let conf = await readFile(new URL('../../docs/examples/uds-v1-nginx.conf', import.meta.url), 'utf8');
    const changes = [
      ['listen 80;', `listen 127.0.0.1:${ports.http};`],
      ['listen 443 ssl;', `listen 127.0.0.1:${ports.https} ssl;`],
      ['/etc/nginx/udsgame.com.crt', join(place, 'udsgame.com.crt')],
      ['/etc/nginx/udsgame.com.key', join(place, 'udsgame.com.key')],
      ['http://127.0.0.1:3000', gatewayUrl],
    ] as const;
    for (const [from, to] of changes) {
      expect(conf.split(from)).toHaveLength(2);
      conf = conf.replace(from, to);
    }
    return conf;
  }

  const frame = (servers: string) => `
    daemon off; master_process off; pid ${place}/nginx.pid; error_log ${place}/logs/error.log;
    events { worker_connections 64; }
    http {
      client_body_temp_path ${place}/body; proxy_temp_path ${place}/proxy; fastcgi_temp_path ${place}/fastcgi;
      uwsgi_temp_path ${place}/uwsgi; scgi_temp_path ${place}/scgi;
      ${servers}
    }`;

  async function started(): Promise<void> {
    const socket = connect(ports.https, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch (cause) {
      throw new Error(await readFile(join(place, 'logs/start.log'), 'utf8'), { cause });
    } finally {
      socket.destroy();
    }
  }

  async function till(
    method: 'GET' | 'POST',
    path: string,
    body = '',
  ): Promise<{ status: number; body: any }> {
    const { https: port } = ports;
    // As with a hosts file: the name is udsgame.com, the address is the proxy's, and the certificate must be valid.
    const lookup = (_: string, __: object, done: (e: null, found: object[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    const headers = { 'x-api-key': key };
    const asked = overTls({
      host: 'udsgame.com',
      port,
      path,
      method,
      headers,
      ca: cert,
      lookup: lookup as never,
    });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode!, body: JSON.parse(await text(answer)) };
  }

  it('lets an old till look up, buy and revert at https://udsgame.com', async () => {
    expect(await till('GET', '/v1/partner/customer?code=123456')).toMatchObject({
      status: 200,
      body: { name: 'Анна' },
    });
    const bought = await till(
      'POST',
      '/v1/partner/purchase?code=123456&total=100&cash=60&scores=40&invoiceNumber=1',
    );
    expect(bought).toMatchObject({ status: 200, body: { operation: { cash: 60 } } });
    const { id } = bought.body.operation;
    const reverted = await till('POST', `/v1/partner/revert/${id}`, '{"partialAmount":5}');
    expect(reverted).toMatchObject({ status: 200, body: { total: -5 } });
  });

  it('accepts HTTP/1.0 requests without Host', async () => {
    const socket = connect(ports.http, '127.0.0.1');
    socket.write(`GET /v1/partner/company HTTP/1.0\r\nX-Api-Key: ${key}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/"discountBase":5/);
  });

  it('exposes nothing else of the gateway', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/v1/providers`);
    expect(answer.status).toBe(404);
  });
});
