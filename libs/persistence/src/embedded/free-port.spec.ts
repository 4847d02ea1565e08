import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from './index.js';

// The lowest port that Linux gives to a connection, or to a server that takes any; other systems begin higher.
const GIVEN_AWAY_FROM = 32_768;

it('a free port can be listened on, and is none that the system gives to somebody else meanwhile', async () => {
  for (let nth = 0; nth < 20; nth++) {
    const port = await freePort();
    expect(port).toBeLessThan(GIVEN_AWAY_FROM);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  }
});
