import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connections } from './connections.js';

const HOUR_MS = 3_600_000;

describe('a server that closes', () => {
  const sockets: Socket[] = [];
  let server: ReturnType<typeof createServer>;
  let connections: Connections;
  let asked: Promise<ServerResponse>;

  beforeEach(async () => {
    server = createServer();
    connections = new Connections(server);
    asked = once(server, 'request').then(([, response]) => response as ServerResponse);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.closeAllConnections();
  });

  async function say(text: string): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    const taken = once(server, 'connection');
    await once(socket, 'connect');
    await taken;
    socket.write(text);
    return socket;
  }

  it('does not wait for silent connections, and answers complete requests', async () => {
    const [silent, asking] = [await say(''), await say('GET / HTTP/1.1\r\nhost: here\r\n\r\n')];
    const response = await asked;
    const closed = once(server.close(), 'close');
    connections.endWithin({ silentMs: 1, lastMs: HOUR_MS });
    await once(silent.resume(), 'close');
    const answered = once(asking, 'data');
    response.setHeader('connection', 'close').end('there');
    const [answer] = await answered;
    expect(String(answer)).toContain('200 OK');
    await closed;
  });

  it('waits a limited time for an incomplete request', async () => {
    await say('POST / HTTP/1.1\r\nhost: here\r\n');
    const closed = once(server.close(), 'close');
    connections.endWithin({ silentMs: HOUR_MS, lastMs: 1 });
    await closed;
  });
});
