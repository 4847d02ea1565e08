import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenConnection } from '#outbound';
import { startServer } from './server.js';
import type { World } from './world.js';

const ofOneHop = ['host', 'connection', 'content-length', 'transfer-encoding'];

/** A proxy in front of a site that sends some requests twice and passes on the second answer; `isRepeated` sees method and path. */
const startProxy = (site: string, isRepeated: (line: string) => boolean) => {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Object.entries(request.headers as Record<string, string>);
    const headers = sent.filter(([name]) => !ofOneHop.includes(name));
    const body = method === 'GET' ? undefined : Buffer.concat(chunks);
    const send = () => fetch(site + url, { method, headers, body });
    if (isRepeated(`${method} ${url}`)) await send();
    const answer = await send();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
  return startServer((request, response) => void pass(request, response));
};

/** A new connection to a sandbox provider through such a proxy. */
export async function connectThroughRepeats(
  world: World,
  provider: string,
  isRepeated: (line: string) => boolean,
): Promise<{ connection: OpenConnection; close(): Promise<void> }> {
  const direct = await world.connect(provider);
  const { origin, pathname } = new URL(world.sandbox.baseUrl(provider));
  const { url, close } = await startProxy(origin, isRepeated);
  await world.core.database.direct.query('update connections set base_url = $2 where id = $1', [
    direct.id,
    url + pathname,
  ]);
  return { connection: await world.reopen(direct), close };
}
