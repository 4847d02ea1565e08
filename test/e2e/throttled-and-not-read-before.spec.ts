import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { lookUpCustomer, payoutKind, purchaseKind, reconcile } from '#outbound';
import type { Sender } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

type Sent = Awaited<ReturnType<Sender['send']>>;

let world: World;
beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['pp', 'loyalclient'] } });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world.close());

/** From now on, what a provider answers is changed by the first of these that its URL contains. */
function change(answers: Record<string, (sent: Sent, nth: number) => Sent>): void {
  const { send } = world.core.send;
  const counts: Record<string, number> = {};
  vi.spyOn(world.core.send, 'send').mockImplementation(async asked => {
    const sent = await send.call(world.core.send, asked);
    const path = Object.keys(answers).find(part => asked.url.includes(part));
    if (path === undefined) return sent;
    counts[path] = (counts[path] ?? 0) + 1;
    return answers[path]!(sent, counts[path]);
  });
}

const answered = (sent: Sent, status: number, body?: object): Sent =>
  sent.kind === 'answered'
    ? { ...sent, answer: { ...sent.answer, status, body, text: JSON.stringify(body ?? '') } }
    : sent;
const firstOnly =
  (status: number, body?: object) =>
  (sent: Sent, nth: number): Sent =>
    nth === 1 ? answered(sent, status, body) : sent;

const rowOf = (id: string) => world.core.stores.operations.byId(world.core.database.direct, id);
const lastNote = async (id: string) => {
  const { database, stores } = world.core;
  return (await stores.operations.timeline(database.direct, world.tenantId, id)).at(-1)!.detail;
};

it('a sale of LoyalClient that was booked behind a 429 is not judged by a balance read after it', async () => {
  const shop = await world.connect('loyalclient', { onWeakEvidence: 'accept' });
  const identifier = { type: 'phone', value: '+79031234567' } as const;
  const { id: customerId } = await lookUpCustomer(world.core, shop, { identifier }, { waitMs: 10_000 });
  change({ '/recalc': firstOnly(422, { amount: 'Amount is too large' }), '/retail': firstOnly(429) });
  const receipt = { total: { amount: '1000.00', currency: 'RUB' } };
  const body = { customerId, merchantReference: 'by-id', receipt };
  const { operationId } = await world.attempt(purchaseKind, shop, { body });
  expect(await world.effects('loyalclient')).toHaveLength(1);
  expect(await rowOf(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await reconcile(world.core, operationId!);
  expect(await rowOf(operationId!)).toMatchObject({ state: 'needs-review', evidence: 'none' });
});

it('an order of PP that was placed behind a 429 is not judged by a balance read after it', async () => {
  // This dialect has a path per call.
  const pp = await world.connect('pp', { dialect: 'userapi-v1' });
  let before: Sent | undefined;
  change({
    get_partner_info: firstOnly(502),
    get_partner_payouts: sent => (before ??= sent),
    add_partner_payout: firstOnly(429),
  });
  const body = { methodId: '1', account: 'U7654321' };
  const { operationId } = await world.attempt(payoutKind, pp, { body });
  const orders = (await world.journal('pp')).filter(({ path }) => path.endsWith('add_partner_payout'));
  expect(orders).toHaveLength(1);
  expect(await rowOf(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await reconcile(world.core, operationId!);
  expect(await lastNote(operationId!)).toMatchObject({ verdict: 'inconclusive' });
});
