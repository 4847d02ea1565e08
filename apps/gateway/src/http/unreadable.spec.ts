import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unreadable } from './unreadable.js';

describe('the answer to invalid HTTP', () => {
  let server: Server;
  let socket: Socket;
  let heard: Promise<string>;

  beforeEach(async () => {
    const unreadable = new Unreadable();
    server = createServer();
    unreadable.watch(server);
    server.on('clientError', (error, at) => unreadable.answer(error, at as Socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    heard = text(socket);
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const problem = async () => {
    const [head, body] = (await heard).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${(JSON.parse(body!) as { status: number }).status} `);
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    return JSON.parse(body!) as object;
  };

  it.each([
    ['another protocol', 'HELO there\r\n\r\n', { status: 400, code: 'invalid-parameter' }],
    [
      'too long a header',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      { status: 431, code: 'payload-too-large', detail: expect.stringContaining('headers') },
    ],
  ])('is answered as a problem: %s', async (_, said, expected) => {
    socket.write(said);
    expect(await problem()).toMatchObject({ outcome: 'unknown', ...expected });
  });

  it.each([
    ['that repeats nothing', 'POST', 'x: y', 'not-executed'],
    ['that has a key', 'POST', 'idempotency-key: order-2026-000117', 'unknown'],
    ['of an old till', 'POST', 'x-api-key: lgk_', 'unknown'],
    ['that only reads', 'GET', 'idempotency-key: order-2026-000117', 'not-executed'],
  ])('does not deny an earlier write: a request %s', async (_, method, header, outcome) => {
    socket.write(`${method} / HTTP/1.1\r\nhost: x\r\n${header}\r\ntransfer-encoding: chunked\r\n\r\nno\r\n`);
    const told = await problem();
    expect(told).toMatchObject({ status: 400, code: 'invalid-parameter', outcome });
    expect(JSON.stringify(told).includes('cannot find out')).toBe(outcome === 'unknown');
  });

  it('uses the language of the request whose body breaks off', async () => {
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\naccept-language: ru\r\ntransfer-encoding: chunked\r\n\r\nno\r\n',
    );
    expect(await problem()).toMatchObject({ status: 400, userMessage: expect.stringContaining('Касса') });
  });

  it('is not taken for the answer to the request before it, which is still running', async () => {
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}');
    const [request, response] = (await once(server, 'request')) as [NodeJS.ReadableStream, ServerResponse];
    expect(await text(request)).toBe('{}');
    for (const more of ['}rubbish\r\n\r\n', 'more of it']) {
      const seen = once(server, 'clientError');
      socket.write(more);
      await seen;
    }
    response.writeHead(201).end('sold');
    expect(await heard).toMatch(/^HTTP\/1\.1 201 Created[^]*sold/);
    expect(await heard).not.toContain('400');
  });
});
