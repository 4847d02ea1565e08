import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { createAgents } from './agents.js';
import { createEgressGuard } from './egress-guard.js';
import { LOOPBACK } from './testing/sender.js';
import { serveHttp } from './testing/servers.js';

const agents = createAgents(createEgressGuard({ allow: ['127.0.0.0/8'], resolve: async () => LOOPBACK }));
afterEach(() => agents.close());

/** The socket that was given back to the pool once the answer of a server that announces this was read. */
async function givenBack(announced: string | undefined): Promise<Socket> {
  const server = await serveHttp((_request, response) => {
    // Node would announce its own.
    response.shouldKeepAlive = true;
    response.setHeader('connection', 'keep-alive');
    if (announced !== undefined) response.setHeader('keep-alive', announced);
    response.end('{}');
  });
  onTestFinished(() => server.close());
  const given = once(agents.httpAgent, 'free');
  const [answer] = (await once(get(server.url, { agent: agents.httpAgent }), 'response')) as [
    IncomingMessage,
  ];
  agents.heard(answer);
  answer.resume();
  const [socket] = (await given) as [Socket];
  return socket;
}

it.each([
  [undefined, 4_000],
  ['timeout=5', 4_000],
  ['timeout=2', 1_000],
  ['max=100, timeout=30', 24_000],
  ['timeout=65', 52_000],
  ['timeout=900', 60_000],
  ['timeout=soon', 4_000],
])('keeps an idle socket of a server that announces %s for %i ms', async (announced, ms) => {
  const { timeout, destroyed } = await givenBack(announced);
  expect({ timeout, destroyed }).toEqual({ timeout: ms, destroyed: false });
});

it.each(['timeout=0', 'Timeout=0', 'max=100, timeout=0', 'max=100, timeout=1'])(
  'keeps no idle socket of a server that announces %s',
  async announced => expect(await givenBack(announced)).toHaveProperty('destroyed', true),
);
