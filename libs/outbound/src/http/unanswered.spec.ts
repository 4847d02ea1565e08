import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { get, testSender } from './testing/sender.js';
import { serveRaw } from './testing/servers.js';

const open: { close(): unknown }[] = [];
const opened = <T extends { close(): unknown }>(thing: T): T => (open.push(thing), thing);
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const OK = 'HTTP/1.1 200 OK\r\n';
const CLOSED = 'The connection was closed before an answer came.';
const BROKE_OFF = 'The answer broke off.';
const unanswered = (reason: string) => ({
  kind: 'unanswered',
  reason,
  writtenAt: expect.any(Number),
  durationMs: expect.any(Number),
});

/** Asks a server that answers so, and makes sure that it was asked once. */
async function ask(answer: (socket: Socket) => void, timeoutMs = 20_000) {
  let heard = 0;
  const server = opened(
    await serveRaw((socket, requests) => {
      heard = requests;
      answer(socket);
    }),
  );
  const sent = await opened(testSender()).send(
    get(`${server.url}/buy?code=123456`, { method: 'POST', body: '{"code":"123456"}', timeoutMs }),
  );
  expect([heard, server.connections()]).toEqual([1, 1]);
  expect(JSON.stringify(sent)).not.toMatch(/123456|127\.0\.0\.1/);
  return sent;
}

describe('a connection that stood and gave no answer: unanswered', () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['reset', socket => socket.resetAndDestroy(), CLOSED],
    ['hang-up', socket => socket.end(), CLOSED],
    ['hang-up inside the head', socket => socket.end(`${OK}Content-Le`), CLOSED],
    [
      'something that is not HTTP',
      socket => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
      'The answer is not valid HTTP.',
    ],
    [
      'two lengths',
      socket => socket.end(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `),
      'The answer is not valid HTTP.',
    ],
    [
      'an endless head',
      socket => socket.end(`${OK}X: ${'x'.repeat(100_000)}`),
      'The answer is not valid HTTP.',
    ],
    ['less than announced', socket => socket.end(`${OK}Content-Length: 10\r\n\r\n{"a"`), BROKE_OFF],
    [
      'a reset in the body',
      socket => socket.write(`${OK}Content-Length: 10\r\n\r\n{"a"`, () => socket.resetAndDestroy()),
      BROKE_OFF,
    ],
    [
      'chunks without an end',
      socket => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n`),
      BROKE_OFF,
    ],
    ['a broken chunk', socket => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}`), BROKE_OFF],
  ])('%s', async (_name, answer, reason) => {
    expect(await ask(answer)).toEqual(unanswered(reason));
  });

  it('a switch to another protocol', async () => {
    const sent = await ask(
      socket => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      1_000,
    );
    expect(sent).toMatchObject({ kind: 'unanswered' });
  });

  it('a keep-alive socket that is closed or reset at reuse; it is not tried again', async () => {
    for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      let heard = 0;
      const server = opened(
        await serveRaw((socket, requests) => {
          heard = requests;
          if (requests === 1) socket.write(`${OK}Content-Length: 2\r\n\r\n{}`);
          else close(socket);
        }),
      );
      const sender = opened(testSender());
      expect(await sender.send(get(server.url))).toMatchObject({ kind: 'answered' });
      expect(await sender.send(get(server.url))).toEqual(unanswered(CLOSED));
      expect([heard, server.connections()]).toEqual([2, 1]);
    }
  });

  it('a sender that is closed under way', async () => {
    const server = opened(await serveRaw(() => sender.close()));
    const sender = testSender();
    expect(await sender.send(get(server.url))).toEqual(unanswered(CLOSED));
  });
});

describe('an answer that does not come in time: unanswered', () => {
  const LATE_MS = 1_000;
  const late = { ...unanswered(`No complete answer arrived within ${LATE_MS} ms.`), overdue: true };

  it('silence', async () => {
    expect(await ask(() => undefined, LATE_MS)).toEqual(late);
  });

  it('a head and then silence', async () => {
    expect(await ask(socket => socket.write(`${OK}Content-Length: 10\r\n\r\n{`), LATE_MS)).toEqual(late);
  });

  it.each([
    ['body', `${OK}Content-Length: 100000\r\n\r\n`, 'x'],
    ['head', OK, 'X: x\r\n'],
    ['stream of interim answers', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('a trickling %s, whose every byte is in time', async (_name, start, drop) => {
    let drops = 0;
    const sent = await ask(socket => {
      socket.write(start);
      const timer = setInterval(() => socket.write(drop, () => drops++), 10);
      socket.once('close', () => clearInterval(timer));
    }, LATE_MS);
    expect(sent).toEqual(late);
    expect(drops).toBeGreaterThan(0);
  });

  it('but an answer that had come while the process was busy counts', async () => {
    const server = opened(
      await serveRaw(socket => {
        socket.write(`${OK}Content-Length: 2\r\n\r\n{}`);
        const until = performance.now() + 2 * LATE_MS;
        while (performance.now() < until);
      }),
    );
    const sent = await opened(testSender()).send(get(server.url, { timeoutMs: LATE_MS }));
    expect(sent).toMatchObject({ kind: 'answered' });
  });

  it('closes the socket, so that nothing of it is kept', async () => {
    let closed: Promise<unknown> | undefined;
    await ask(socket => (closed = once(socket, 'close')), LATE_MS);
    await closed;
  });
});
