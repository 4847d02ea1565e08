import type { IncomingMessage } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sender } from './send.js';
import { get, LOOPBACK, testSender } from './testing/sender.js';
import { serveHttp, serveRaw } from './testing/servers.js';
import type { RunningServer } from './testing/servers.js';

const open: { close(): unknown }[] = [];
const opened = <T extends { close(): unknown }>(thing: T): T => (open.push(thing), thing);
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const text = async (message: IncomingMessage): Promise<string> => {
  let body = '';
  for await (const chunk of message) body += chunk;
  return body;
};

describe('a request on the wire', () => {
  it('goes out once, with exactly the headers and bytes that were given', async () => {
    const seen: { call: string; headers: unknown; body: string }[] = [];
    const server = opened(
      await serveHttp(async (request, response) => {
        seen.push({
          call: `${request.method} ${request.url}`,
          headers: request.headers,
          body: await text(request),
        });
        response.end('{}');
      }),
    );
    const sender = opened(testSender());
    const url = `${server.url}/operations?phone=%2B7900&x=a%2Bb`;
    const call = 'POST /operations?phone=%2B7900&x=a%2Bb';
    // Not valid JSON on purpose: what is signed or counted elsewhere must leave as it is.
    const body = ' {"points": 1.10 ';
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    await sender.send(get(url, { method: 'POST', headers, body }));
    await sender.send(get(url, { method: 'POST', headers: { Accept: 'application/json' } }));
    const common = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      connection: 'keep-alive',
      host: `127.0.0.1:${server.port}`,
      'user-agent': 'loyalty-gateway',
    };
    expect(seen).toEqual([
      {
        call,
        headers: { ...common, 'content-type': 'application/json', 'content-length': `${body.length}` },
        body,
      },
      { call, headers: { ...common, 'content-length': '0' }, body: '' },
    ]);
  });

  it('tells when the bytes were written, and how long the answer took', async () => {
    const server = opened(await serveHttp((_request, response) => response.end('{}')));
    const written: number[] = [];
    const before = performance.now();
    const sent = await opened(testSender()).send(get(server.url, { onWritten: at => written.push(at) }));
    expect(sent).toMatchObject({ kind: 'answered', writtenAt: written[0], bytes: 2 });
    expect(written).toHaveLength(1);
    expect(written[0]).toBeGreaterThan(before);
    expect(sent.durationMs).toBeGreaterThanOrEqual((written[0] ?? 0) - before - 5);
    expect(sent.kind === 'answered' && Date.parse(sent.dateHeader ?? '')).toBeGreaterThan(0);
  });

  it('reuses a socket for the next call and looks the name up again for the next socket', async () => {
    let lookups = 0;
    let keep = true;
    const server = opened(
      await serveHttp((_request, response) => {
        if (!keep) response.setHeader('connection', 'close');
        response.end('{}');
      }),
    );
    const resolve = async () => (lookups++, LOOPBACK);
    const sender = opened(testSender({ resolve }));
    const url = `http://provider.example:${server.port}/`;
    await sender.send(get(url));
    keep = false;
    await sender.send(get(url));
    expect([server.connections(), lookups]).toEqual([1, 1]);
    await sender.send(get(url));
    expect([server.connections(), lookups]).toEqual([2, 2]);
  });

  it('never waits for a free socket', async () => {
    const waiting: (() => void)[] = [];
    const server = opened(
      await serveHttp((_request, response) => {
        waiting.push(() => response.end('{}'));
        // Answers only when all have come: a pool with a queue would never get there.
        if (waiting.length === 100) for (const answer of waiting) answer();
      }),
    );
    const sender = opened(testSender());
    const all = await Promise.all(Array.from({ length: 100 }, () => sender.send(get(server.url))));
    expect(all.every(sent => sent.kind === 'answered')).toBe(true);
  });
});

describe('an answer', () => {
  const answerOf = async (sender: Sender, server: RunningServer, more = {}) => {
    const sent = await sender.send(get(server.url, more));
    if (sent.kind !== 'answered') throw new Error(`${sent.kind}: ${sent.reason}`);
    return sent.answer;
  };

  it.each([200, 304, 400, 404, 429, 500, 503])('with status %i is an answer', async status => {
    const server = opened(
      await serveHttp((_request, response) =>
        response.writeHead(status, { 'X-Code': 'a' }).end(status === 304 ? '' : '{"a":1}'),
      ),
    );
    const answer = await answerOf(opened(testSender()), server);
    expect(answer).toMatchObject({ status, headers: { 'x-code': 'a' } });
    expect(answer.body).toEqual(status === 304 ? undefined : { a: 1 });
  });

  it('that redirects is handed over and not followed', async () => {
    const other = opened(await serveHttp((_request, response) => response.end('{}')));
    const server = opened(
      await serveHttp((_request, response) => response.writeHead(302, { location: other.url }).end()),
    );
    expect(await answerOf(opened(testSender()), server)).toMatchObject({
      status: 302,
      headers: { location: other.url },
    });
    expect(other.connections()).toBe(0);
  });

  it('keeps its text to the byte and its big numbers', async () => {
    const server = opened(
      await serveHttp((_request, response) => response.end('\uFEFF{"id":12345678901234567890}')),
    );
    expect((await answerOf(opened(testSender()), server)).body).toEqual({ id: '12345678901234567890' });
  });

  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['X-GZIP', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['identity', Buffer.from('{"a":1}')],
  ])('that is packed as %s although nobody asked is unpacked', async (coding, bytes) => {
    const server = opened(
      await serveHttp((_request, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(bytes),
      ),
    );
    expect((await answerOf(opened(testSender()), server)).body).toEqual({ a: 1 });
  });

  it('without a body needs no unpacking', async () => {
    const server = opened(
      await serveHttp((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end()),
    );
    expect(await answerOf(opened(testSender()), server)).toMatchObject({ status: 200, format: 'empty' });
  });

  it('may be as large as the cap, not a byte larger', async () => {
    const server = opened(await serveHttp((_request, response) => response.end('x'.repeat(100))));
    const sender = opened(testSender());
    expect((await answerOf(sender, server, { maxBytes: 100 })).text).toHaveLength(100);
    expect(await sender.send(get(server.url, { maxBytes: 99 }))).toMatchObject({
      kind: 'unanswered',
      reason: 'The answer is larger than 99 bytes.',
    });
  });

  it('that ends with the connection is whole', async () => {
    const server = opened(await serveRaw(socket => socket.end('HTTP/1.0 200 OK\r\n\r\n{"a":1}')));
    expect((await answerOf(opened(testSender()), server)).body).toEqual({ a: 1 });
  });
});
