import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:tls';
import type { Server } from 'node:net';
import { createServer as createHttpsServer } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import type { Resolve } from './egress-guard.js';
import { selfSigned } from './testing/certificate.js';
import { get, LOOPBACK, testSender } from './testing/sender.js';
import { listen, serveHttp, serveTcp } from './testing/servers.js';

const open: { close(): unknown }[] = [];
const opened = <T extends { close(): unknown }>(thing: T): T => (open.push(thing), thing);
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const SHORT_MS = 150;

async function attempt(url: string, parts: Parameters<typeof testSender>[0] = {}, timeoutMs = 20_000) {
  const written: number[] = [];
  const sent = await opened(testSender(parts)).send(
    get(url, { method: 'POST', body: '{}', timeoutMs, onWritten: at => written.push(at) }),
  );
  expect(written).toEqual([]);
  return sent;
}

const notSent = (reason: unknown) => ({ kind: 'not-sent', reason, durationMs: expect.any(Number) });
const overdue = (reason: string) => ({ ...notSent(reason), overdue: true });

describe('a connection that never stood: not sent', () => {
  it('process that was stopped until its time was over', async () => {
    const bytes: Buffer[] = [];
    const ends: Promise<unknown>[] = [];
    const server = opened(
      await serveTcp(socket => {
        socket.on('data', chunk => bytes.push(chunk));
        ends.push(once(socket, 'close'));
      }),
    );
    const resolve: Resolve = async () => {
      const until = performance.now() + 2 * SHORT_MS;
      while (performance.now() < until);
      return LOOPBACK;
    };
    const sent = await attempt(`http://late.example:${server.port}/`, { resolve }, SHORT_MS);
    expect(sent).toEqual(overdue(expect.stringContaining('within')));
    await expect.poll(() => ends.length).toBe(1);
    await ends[0];
    expect(bytes).toEqual([]);
  });

  it('name without address', async () => {
    const resolve: Resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND secret.example'), { code: 'ENOTFOUND' });
    };
    expect(await attempt('http://secret.example/', { resolve })).toEqual(
      notSent('The host name could not be resolved.'),
    );
    expect(await attempt('http://secret.example/', { resolve: async () => [] })).toEqual(
      notSent('The host name could not be resolved.'),
    );
  });

  it('name server that does not answer', async () => {
    const resolve: Resolve = () => new Promise(() => undefined);
    expect(await attempt('http://slow.example/', { resolve, connectTimeoutMs: SHORT_MS })).toEqual(
      overdue(`No connection was established within ${SHORT_MS} ms.`),
    );
  });

  it('the whole deadline before the connection', async () => {
    const resolve: Resolve = () => new Promise(() => undefined);
    expect(await attempt('http://slow.example/', { resolve }, SHORT_MS)).toEqual(
      overdue(`No complete answer arrived within ${SHORT_MS} ms.`),
    );
  });

  it('refused connection, also at every address of a name', async () => {
    // A port that nobody is ever given.
    expect(await attempt('http://127.0.0.1:1/')).toEqual(notSent('The connection was refused.'));
    const resolve: Resolve = async () => [...LOOPBACK, { address: '127.0.0.2', family: 4 }];
    expect(await attempt('http://two.example:1/', { resolve })).toEqual(
      notSent('The connection was refused.'),
    );
  });

  it('URL that cannot be called', async () => {
    expect(await attempt('not a url')).toMatchObject({ kind: 'not-sent' });
    expect(await attempt('ftp://127.0.0.1/')).toMatchObject({ kind: 'not-sent' });
  });
});

describe('a secure connection that never stood: not sent', () => {
  it('server that never answers the handshake', async () => {
    const server = opened(await serveTcp(() => undefined));
    expect(await attempt(`https://127.0.0.1:${server.port}/`, { connectTimeoutMs: 1_000 })).toEqual(
      overdue('No connection was established within 1000 ms.'),
    );
    expect(server.connections()).toBe(1);
  });

  it('server that does not speak TLS, resets, or hangs up', async () => {
    const plain = opened(await serveHttp((_request, response) => response.end('{}')));
    const resets = opened(await serveTcp(socket => socket.once('data', () => socket.resetAndDestroy())));
    const hangsUp = opened(await serveTcp(socket => socket.once('data', () => socket.end())));
    for (const server of [plain, resets, hangsUp])
      expect(await attempt(`https://127.0.0.1:${server.port}/`)).toEqual(
        notSent(expect.stringMatching(/^No connection could be made/)),
      );
  });

  it('certificate that is untrusted, expired, or of another name', async () => {
    const good = selfSigned('provider.example');
    const expired = selfSigned('provider.example', new Date(Date.now() - 3_600_000));
    for (const [identity, ca, name] of [
      [good, undefined, 'provider.example'],
      [expired, expired.cert, 'provider.example'],
      [good, good.cert, 'other.example'],
    ] as const) {
      let heard = 0;
      const server = opened(await listen(createHttpsServer(identity, () => heard++) as unknown as Server));
      const sent = await attempt(`https://${name}:${server.port}/`, { ca });
      expect(sent).toEqual(notSent(expect.stringMatching(/^No connection could be made \([A-Z_]+\)\.$/)));
      expect(heard).toBe(0);
    }
  });

  it('but a good certificate connects, and its silence is no longer "not sent"', async () => {
    const identity = selfSigned('provider.example');
    const secure = createTlsServer(identity);
    const server = opened(await listen(secure));
    const arrived = once(secure, 'secureConnection');
    const sent = opened(testSender({ ca: identity.cert })).send(
      get(`https://provider.example:${server.port}/`, { timeoutMs: 20_000 }),
    );
    const [socket] = await arrived;
    await once(socket, 'data');
    socket.destroy();
    expect(await sent).toMatchObject({ kind: 'unanswered', writtenAt: expect.any(Number) });
  });

  it('and a good certificate answers', async () => {
    const identity = selfSigned('provider.example');
    const server = opened(
      await listen(
        createHttpsServer(identity, (_request, response) => response.end('{"a":1}')) as unknown as Server,
      ),
    );
    const sender = opened(testSender({ ca: identity.cert }));
    const url = `https://provider.example:${server.port}/`;
    const written: number[] = [];
    for (let call = 1; call <= 2; call++)
      expect(await sender.send(get(url, { onWritten: at => written.push(at) }))).toMatchObject({
        answer: { body: { a: 1 } },
      });
    expect(written).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });
});

describe('a guarded address: not sent', () => {
  it('is refused when it is written as an address', async () => {
    for (const url of [
      'https://10.0.0.1/',
      'http://[::1]:80/',
      'http://169.254.169.254/',
      'http://93.184.215.14/',
    ])
      expect(await attempt(url)).toMatchObject({
        kind: 'not-sent',
        reason: expect.stringMatching(/address|called/),
      });
  });

  it('is refused behind a name, also when only one address of several is inside', async () => {
    const resolve: Resolve = async () => [...LOOPBACK, { address: '10.0.0.1', family: 4 }];
    const server = opened(await serveHttp((_request, response) => response.end()));
    const sent = await attempt(`http://two.example:${server.port}/`, { resolve });
    expect(sent).toEqual(notSent(expect.stringContaining('two.example does not lead to a public address')));
    expect(server.connections()).toBe(0);
  });

  it('is refused when a name moves there after it was checked (DNS rebinding)', async () => {
    const server = opened(
      await serveHttp((_request, response) => response.writeHead(200, { connection: 'close' }).end()),
    );
    const answers = [LOOPBACK, [{ address: '192.168.0.1', family: 4 }]];
    const sender = opened(testSender({ resolve: async () => answers.shift() ?? [] }));
    const url = `http://moving.example:${server.port}/`;
    expect(await sender.send(get(url))).toMatchObject({ kind: 'answered' });
    expect(await sender.send(get(url))).toMatchObject({ kind: 'not-sent' });
    expect(server.connections()).toBe(1);
  });
});
