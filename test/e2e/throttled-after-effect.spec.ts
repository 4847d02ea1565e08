import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { payoutKind, purchaseKind, reconcile } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
/** Without the nonce that makes a repeat harmless. */
let uds: OpenConnection;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['uds', 'pp'] } });
  uds = await world.connect('uds', { undocumentedCalls: false });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world.close());

/** The next of these calls has its effect and is answered 429; later ones are passed on. */
function throttleOnce(isWrite: (call: { method: string; url: string }) => boolean): void {
  const { send } = world.core.send;
  let isDone = false;
  vi.spyOn(world.core.send, 'send').mockImplementation(async outgoing => {
    const sent = await send.call(world.core.send, outgoing);
    if (isDone || !isWrite(outgoing) || sent.kind !== 'answered') return sent;
    isDone = true;
    return { ...sent, answer: { ...sent.answer, status: 429, body: undefined, text: '' } };
  });
}

const sentSales = async () => (await world.journal('uds')).filter(({ method }) => method === 'POST').length;

it.each([
  ['a code that died with it is repeated, and its refusal proves nothing', 'code', '111111', 2],
  ['a phone is not repeated', 'phone', '+79990000002', 1],
])('a sale that is booked behind a 429, with %s', async (_what, type, value, sent) => {
  const before = { sales: await sentSales(), effects: (await world.effects('uds')).length };
  throttleOnce(({ method }) => method === 'POST');
  const receipt = { total: { amount: '100.00', currency: 'RUB' } };
  const body = { identifier: { type, value }, merchantReference: type, receipt };
  const { operationId } = await world.attempt(purchaseKind, uds, { body });
  const stored = await world.core.stores.operations.byId(world.core.database.direct, operationId!);
  expect(stored).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  expect(await sentSales()).toBe(before.sales + sent);
  expect(await world.effects('uds')).toHaveLength(before.effects + 1);
});

it('an order of PP that is booked behind a 429 is looked for, and not sent again', async () => {
  const pp = await world.connect('pp');
  throttleOnce(({ url }) => url.includes('add_payout'));
  const body = { methodId: '1', account: 'U7654321' };
  const { operationId } = await world.attempt(payoutKind, pp, { body });
  const stored = await world.core.stores.operations.byId(world.core.database.direct, operationId!);
  expect(stored).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  expect(await world.effects('pp')).toHaveLength(1);
  await reconcile(world.core, operationId!);
  const found = await world.core.stores.operations.byId(world.core.database.direct, operationId!);
  expect(found).toMatchObject({ state: 'succeeded', evidence: 'strong' });
});
