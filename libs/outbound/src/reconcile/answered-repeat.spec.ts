import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer } from '../../../../test/support/server.js';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { reconcile } from './reconcile.js';

let world: World;
let front: Awaited<ReturnType<typeof startServer>>;
let uds: OpenConnection;
/** What UDS answers to sales, in their order; then it answers by itself. The first is booked, and its answer lost. */
let answers: ((booked: string) => [status: number, body: string])[];
/** Whether UDS shows its ledger. */
let shown: boolean;

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const direct = await world.connect('uds');
  const { origin, pathname } = new URL(world.sandbox.baseUrl('uds'));
  front = await startServer((request, response) => {
    const pass = async () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(await request.toArray()).toString();
      const own = { authorization: headers.authorization!, 'content-type': 'application/json' };
      const isLedger = url!.includes('/operations');
      const answer = await fetch(origin + url, { method, headers: own, ...(body && { body }) });
      const text = await answer.text();
      const [status, told] = (method === 'POST' && answers.shift()?.(text)) || [answer.status, text];
      if (isLedger && method === 'GET' && !shown) response.writeHead(503).end('Server Error');
      else response.writeHead(status, { 'content-type': 'application/json' }).end(told);
    };
    void pass();
  });
  await world.core.stores.connections.update(world.core.database.direct, direct.id, {
    baseUrl: front.url + pathname,
  });
  uds = await world.reopen(direct);
});
afterAll(async () => {
  await world.close();
  await front.close();
});
beforeEach(() => {
  shown = false;
});

const lose = (): [number, string] => [502, ''];

/** A sale whose answer was lost, and its repeat answered, a minute ago. */
async function repeated(merchantReference: string, answer: (booked: string) => [number, string]) {
  answers = [lose, answer];
  const total = { amount: '100.00', currency: 'RUB' };
  const body = { identifier: { type: 'code', value: '123456' }, merchantReference, receipt: { total } };
  const id = (await world.attempt(purchaseKind, uds, { body })).operationId!;
  await reconcile(world.core, id);
  await world.core.database.direct.query(
    `update operations set first_sent_at = first_sent_at - interval '61 s', last_sent_at = last_sent_at - interval '61 s' where id = $1`,
    [id],
  );
  const look = async () => {
    await reconcile(world.core, id);
    return stored();
  };
  const stored = async () => (await world.core.stores.operations.byId(world.core.database.direct, id))!;
  return { first: await stored(), look };
}

describe('a lost sale whose repeat was answered, while the ledger shows nothing', () => {
  it('is not repeated again once that was refused, and found as soon as the ledger is shown', async () => {
    const { first, look } = await repeated('refused', () => [404, '{"errorCode":"notFound"}']);
    const refused = { refused: 'customer-not-found', told: { code: 'customer-not-found' } };
    expect(first).toMatchObject({ state: 'unknown', repeats: 1, reconcile: refused });
    expect(await look()).toMatchObject({ state: 'unknown', repeats: 1, reconcile: refused });
    shown = true;
    expect(await look()).toMatchObject({ state: 'succeeded', repeats: 1 });
  });

  it('is left to a person a minute after that told other figures, and not at once', async () => {
    const { first, look } = await repeated('contradicted', booked => [
      200,
      JSON.stringify({ ...(JSON.parse(booked) as object), total: 999 }),
    ]);
    expect(first).toMatchObject({ state: 'unknown', repeats: 1, reconcile: { contradicted: true } });
    expect(await look()).toMatchObject({ state: 'needs-review', repeats: 1 });
  });
});
