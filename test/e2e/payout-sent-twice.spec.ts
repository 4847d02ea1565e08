import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { payoutKind, probeNow } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startServer } from '../support/server.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let proxy: { url: string; close(): Promise<void> };
let pp: OpenConnection;

/** A proxy in front of a site that repeats every order and passes on the answer to the second one. */
const startRepeatingProxy = (site: string) => {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { 'content-type': request.headers['content-type']! };
    const send = () => fetch(site + request.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
    if (request.url!.includes('add_payout')) await send();
    const answer = await send();
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
  return startServer((request, response) => void pass(request, response));
};

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['pp'] } });
  const direct = await world.connect('pp');
  const { origin, pathname } = new URL(world.sandbox.baseUrl('pp'));
  proxy = await startRepeatingProxy(origin);
  await world.core.database.direct.query('update connections set base_url = $2 where id = $1', [
    direct.id,
    proxy.url + pathname,
  ]);
  pp = await world.reopen(direct);
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

it('is not rejected by the answer to the second order, and goes to a person', async () => {
  const body = { methodId: '1', account: 'U7654321' };
  const { operationId } = await world.write(payoutKind, pp, { body, waitMs: 3_000 });
  const { core } = world;
  const stored = async () => (await core.stores.operations.byId(core.database.direct, operationId!))!;
  expect(await world.effects('pp')).toHaveLength(1);
  expect(await stored()).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await probeNow(core, world.tenantId, operationId!);
  expect(await stored()).toMatchObject({ state: 'needs-review', evidence: 'weak' });
});
