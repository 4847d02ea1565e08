import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Purchase } from '#canonical';
import { probeNow, purchaseKind, refundKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startServer } from '../support/server.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let proxy: { url: string; close(): Promise<void> };
let uds: OpenConnection;
/** What the proxy does with a refund: sends it twice and passes on the second answer, refuses it itself, or answers 429 after it has sent it, or before. */
let mood: 'repeats' | 'refuses' | 'throttles' | 'throttles at once' | 'passes';

const conflict = { errorCode: 'conflict', message: 'Another request is being executed.' };

const startProxy = (site: string) => {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const own = { authorization: headers.authorization!, 'content-type': 'application/json' };
    const body = method === 'POST' ? Buffer.concat(chunks) : undefined;
    const send = () => fetch(site + url, { method, headers: own, body });
    const tell = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    const isRefund = url!.endsWith('/refund');
    if (isRefund && mood === 'refuses') return void tell(409, JSON.stringify(conflict));
    if (isRefund && mood.startsWith('throttles')) {
      if (mood === 'throttles') await send();
      mood = 'passes';
      return void tell(429, '{}');
    }
    if (isRefund && mood === 'repeats') await send();
    const answer = await send();
    tell(answer.status, await answer.text());
  };
  return startServer((request, response) => void pass(request, response));
};

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const direct = await world.connect('uds');
  const { origin, pathname } = new URL(world.sandbox.baseUrl('uds'));
  proxy = await startProxy(origin);
  await world.core.database.direct.query('update connections set base_url = $2 where id = $1', [
    direct.id,
    proxy.url + pathname,
  ]);
  uds = await world.reopen(direct);
});
afterAll(async () => {
  await world.close();
  await proxy.close();
});

/** Sells and refunds; the refund's operation. */
async function refunded(merchantReference: string, amount?: string): Promise<string> {
  const total = { amount: '100.00', currency: 'RUB' };
  const sale = { identifier: { type: 'code', value: '123456' }, merchantReference, receipt: { total } };
  const { id } = (await world.write(purchaseKind, uds, { body: sale })).body as Purchase;
  const part = amount === undefined ? {} : { amount: { amount, currency: 'RUB' } };
  const asked = { body: { merchantReference, ...part }, params: { purchaseId: id } };
  return (await world.attempt(refundKind, uds, asked)).operationId!;
}

const stored = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;

it('is not rejected by the answer to the second request, and goes to a person', async () => {
  mood = 'repeats';
  const id = await refunded('twice');
  expect((await world.effects('uds')).filter(({ type }) => type === 'refund')).toHaveLength(1);
  expect(await stored(id)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await probeNow(world.core, world.tenantId, id);
  expect(await stored(id)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
});

it('is in doubt, and not sent again, where the look behind that answer gets no turn in its lane', async () => {
  mood = 'repeats';
  const { lanes, send: sender } = world.core;
  const { send } = sender;
  vi.spyOn(sender, 'send').mockImplementation(async outgoing => {
    const sent = await send.call(sender, outgoing);
    if (outgoing.url.endsWith('/refund'))
      vi.spyOn(lanes, 'enter').mockResolvedValueOnce({ granted: false, retryAfterMs: 60_000 });
    return sent;
  });
  const id = await refunded('full-lane');
  vi.restoreAllMocks();
  expect(await stored(id)).toMatchObject({ state: 'unknown', writeSent: true });
});

it('is rejected in the words of UDS once nothing was found behind a conflict', async () => {
  mood = 'refuses';
  const id = await refunded('conflict');
  expect(await stored(id)).toMatchObject({ state: 'unknown' });
  await probeNow(world.core, world.tenantId, id);
  const minuteAgo = `update operations set last_sent_at = last_sent_at - interval '61 s', lease_until = null where id = $1`;
  await world.core.database.direct.query(minuteAgo, [id]);
  await probeNow(world.core, world.tenantId, id);
  expect(await stored(id)).toMatchObject({
    state: 'rejected',
    outcome: 'not-executed',
    problem: { code: 'provider-rejected', provider: { code: 'conflict', message: conflict.message } },
  });
});

it('is not executed twice where a 429 came after it was, and is found', async () => {
  mood = 'throttles';
  const before = (await world.effects('uds')).length;
  const id = await refunded('throttled', '30.00');
  expect(await stored(id)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await probeNow(world.core, world.tenantId, id);
  expect(await stored(id)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
  expect(await world.effects('uds')).toHaveLength(before + 2);
});

it('is executed after a 429 behind which nothing was done', async () => {
  mood = 'throttles at once';
  const before = (await world.effects('uds')).length;
  const id = await refunded('throttled-at-once', '30.00');
  expect(await stored(id)).toMatchObject({ state: 'succeeded', evidence: 'proof' });
  expect(await world.effects('uds')).toHaveLength(before + 2);
});
