import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  adjustmentKind,
  conversionKind,
  customerKind,
  execute,
  holdKind,
  kindOf,
  leadKind,
  lookUpCustomer,
  payoutKind,
  purchaseKind,
  reconcile,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
/** Without the nonce that makes a repeat harmless. */
let uds: OpenConnection;
beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['uds', 'pp', 'loyalclient', 'recca', 'recreativ'] },
  });
  uds = await world.connect('uds', { undocumentedCalls: false });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world.close());

/** The next of these calls has its effect, or what is played `instead`, and is answered 429; later ones are passed on. */
function throttleOnce(
  isWrite: (call: { method: string; url: string }) => boolean,
  instead?: () => Promise<unknown>,
): void {
  const { send } = world.core.send;
  let isDone = false;
  vi.spyOn(world.core.send, 'send').mockImplementation(async outgoing => {
    if (!isDone && instead && isWrite(outgoing)) {
      isDone = true;
      await instead();
      const answer = { status: 429, headers: {}, body: undefined, text: '', format: 'empty' } as const;
      return { kind: 'answered', answer, writtenAt: performance.now(), durationMs: 1, bytes: 0 };
    }
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

it('a sale that is repeated by its nonce remembers when the one behind the 429 was sent', async () => {
  const shop = await world.connect('uds');
  throttleOnce(({ method, url }) => method === 'POST' && url.endsWith('/operations'));
  const identifier = { type: 'phone', value: '+79990000002' };
  const receipt = { total: { amount: '100.00', currency: 'RUB' }, number: '15' };
  const body = { identifier, merchantReference: 'by-nonce', receipt };
  const { operationId } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
  await execute(world.core, operationId!, { laneBudgetMs: 500 });
  const rowOf = () => world.core.stores.operations.byId(world.core.database.direct, operationId!);
  const queued = await rowOf();
  expect(queued).toMatchObject({ state: 'queued', outcome: 'not-executed', writeSent: false });
  expect(queued!.firstSentAt).toEqual(expect.any(Date));
  await execute(world.core, operationId!, { laneBudgetMs: 20_000 });
  expect(await rowOf()).toMatchObject({ state: 'succeeded', firstSentAt: queued!.firstSentAt });
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

describe('a sale of LoyalClient', () => {
  const isRetail = ({ url }: { url: string }): boolean => url.endsWith('/retail');
  const sale = (merchantReference: string, redeemPoints = '0') => ({
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference,
    receipt: { total: { amount: '1000.00', currency: 'RUB' }, redeemPoints },
  });
  const rowOf = (id: string) => world.core.stores.operations.byId(world.core.database.direct, id);
  let shop: OpenConnection;
  beforeEach(async () => {
    await world.control('reset', { provider: 'loyalclient' });
    shop = await world.connect('loyalclient', { onWeakEvidence: 'accept' });
  });

  it('that is booked behind a 429 is looked for, and not sent again', async () => {
    throttleOnce(isRetail);
    const { operationId } = await world.attempt(purchaseKind, shop, { body: sale('booked') });
    expect(await rowOf(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await world.effects('loyalclient')).toHaveLength(1);
    await reconcile(world.core, operationId!);
    expect(await rowOf(operationId!)).toMatchObject({ state: 'succeeded', evidence: 'weak' });
  });

  it('that may have spent points behind a 429 holds back the next spend of its customer', async () => {
    throttleOnce(isRetail);
    const first = await world.write(purchaseKind, shop, { body: sale('doubted', '100'), waitMs: 0 });
    await execute(world.core, first.operationId!, { laneBudgetMs: 500 });
    expect(await rowOf(first.operationId!)).toMatchObject({ state: 'queued', writeSent: true });
    const next = await world.write(purchaseKind, shop, { body: sale('next', '200'), waitMs: 6_000 });
    await expect
      .poll(() => rowOf(next.operationId!))
      .toMatchObject({
        state: 'cancelled',
        problem: { code: 'customer-operation-unresolved', operationId: first.operationId },
      });
    expect(await world.effects('loyalclient')).toHaveLength(1);
  });

  it('that is booked behind a 429 is not sent again where another one moved the balance back', async () => {
    throttleOnce(isRetail);
    const { operationId } = await world.write(purchaseKind, shop, { body: sale('spent', '100'), waitMs: 0 });
    await execute(world.core, operationId!, { laneBudgetMs: 500 });
    expect(await rowOf(operationId!)).toMatchObject({ state: 'queued', writeSent: true });
    await world.attempt(purchaseKind, shop, { body: sale('earned') });
    await execute(world.core, operationId!, { laneBudgetMs: 20_000 });
    expect(await rowOf(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await world.effects('loyalclient')).toHaveLength(2);
  });

  it('that is not booked is not taken for an equal one that was sent meanwhile', async () => {
    throttleOnce(isRetail, () => world.attempt(purchaseKind, shop, { body: sale('meanwhile') }));
    const { operationId } = await world.attempt(purchaseKind, shop, { body: sale('throttled') });
    expect(await rowOf(operationId!)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    await reconcile(world.core, operationId!);
    expect(await rowOf(operationId!)).toMatchObject({ state: 'needs-review', evidence: 'none' });
    expect(await world.effects('loyalclient')).toHaveLength(1);
  });
});

describe('a hold of LoyalClient', () => {
  const isHold = ({ url }: { url: string }): boolean => url.endsWith('/hold');
  const identifier = { type: 'phone', value: '+79031234567' } as const;
  let shop: OpenConnection;
  beforeEach(async () => {
    await world.control('reset', { provider: 'loyalclient' });
    shop = await world.connect('loyalclient');
  });

  it('that was made behind a 429 is not made again', async () => {
    throttleOnce(isHold);
    const { operationId } = await world.attempt(holdKind, shop, { body: { identifier, points: '100' } });
    expect(await world.effects('loyalclient')).toHaveLength(1);
    const stored = await world.core.stores.operations.byId(world.core.database.direct, operationId!);
    expect(stored).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  });

  it('that was made behind a 429 for a client named by id is not refused for want of the points that it keeps', async () => {
    const { id: customerId } = await lookUpCustomer(world.core, shop, { identifier }, { waitMs: 10_000 });
    throttleOnce(isHold);
    const { operationId } = await world.attempt(holdKind, shop, { body: { customerId, points: '800' } });
    const stored = await world.core.stores.operations.byId(world.core.database.direct, operationId!);
    expect(stored).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  });
});

describe('at Recreativ', () => {
  const rowOf = (id: string | null) => world.core.stores.operations.byId(world.core.database.direct, id!);
  let recreativ: OpenConnection;
  beforeEach(async () => {
    await world.control('reset', { provider: 'recreativ' });
    recreativ = await world.connect('recreativ');
  });
  const adjustment = async () => {
    const identifier = { type: 'uid', value: '6001' } as const;
    const { id } = await lookUpCustomer(world.core, recreativ, { identifier }, { waitMs: 10_000 });
    return { body: { delta: { amount: '50.00', currency: 'RUB' } }, params: { customerId: id } };
  };
  const offer = { campaignId: '111', description: 'Кофе', url: 'https://coffee.example.ru/new' };
  const asked = { body: { query: {}, body: offer } };
  const offerKind = kindOf('x.recreativ.createOffer');
  const isOffer = ({ method, url }: { method: string; url: string }): boolean =>
    method === 'POST' && url.endsWith('/offers');
  const nothing = () => Promise.resolve();

  it('a balance that is changed behind a 429 is looked at, and not changed again', async () => {
    const ask = await adjustment();
    throttleOnce(({ method }) => method === 'PUT');
    const { operationId } = await world.attempt(adjustmentKind, recreativ, ask);
    expect(await rowOf(operationId)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });

  it('a balance that is what it was is changed now', async () => {
    const ask = await adjustment();
    throttleOnce(({ method }) => method === 'PUT', nothing);
    expect(await world.write(adjustmentKind, recreativ, ask)).toMatchObject({ status: 201 });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });

  it('an offer that is created behind a 429 is found, and not created again', async () => {
    throttleOnce(isOffer);
    const { operationId } = await world.attempt(offerKind, recreativ, asked);
    await reconcile(world.core, operationId!);
    expect(await rowOf(operationId)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });

  describe('a registration', () => {
    const person = { body: { username: 'dina', email: 'dina@example.com' } };
    const isUser = ({ method }: { method: string }): boolean => method === 'POST';

    it('that is made behind a 429 is found, and not refused for its own login', async () => {
      throttleOnce(isUser);
      const { operationId } = await world.attempt(customerKind, recreativ, person);
      expect(await rowOf(operationId)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
      await reconcile(world.core, operationId!);
      expect(await rowOf(operationId)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
      expect(await world.effects('recreativ')).toHaveLength(1);
    });

    it('that was not made is made now', async () => {
      throttleOnce(isUser, nothing);
      expect(await world.write(customerKind, recreativ, person)).toMatchObject({ status: 201 });
      expect(await world.effects('recreativ')).toHaveLength(1);
    });
  });

  it('an offer that was not created is created now', async () => {
    throttleOnce(isOffer, nothing);
    expect(await world.write(offerKind, recreativ, asked)).toMatchObject({ status: 201 });
    expect(await world.effects('recreativ')).toHaveLength(1);
  });
});

describe('at Recca', () => {
  let recca: OpenConnection;
  let referrerCustomerId: string;
  beforeEach(async () => {
    await begin({});
  });
  /** Recca afresh, with these options, and a person who recommends others. */
  async function begin(options: object): Promise<void> {
    await world.control('reset', { provider: 'recca', options });
    recca = await world.connect('recca');
    const body = { externalId: 'crm-1042', email: 'anna@example.com' };
    const customer = await world.write(customerKind, recca, { body });
    referrerCustomerId = (customer.body as { id: string }).id;
  }
  const rowOf = (id: string | null) => world.core.stores.operations.byId(world.core.database.direct, id!);
  const leadOf = (name: string) => ({ body: { referrerCustomerId, contact: { name } } });
  const effects = async (of: string) =>
    (await world.effects('recca')).filter(({ type }) => type === of).length;

  it('a sale to a lead that is registered behind a 429 is looked for, and not sent again', async () => {
    const lead = await world.write(leadKind, recca, leadOf('Maria'));
    const { id: leadId } = lead.body as { id: string };
    throttleOnce(({ url }) => url.endsWith('/conversions/register'));
    const amount = { amount: '900.00', currency: 'RUB' };
    const body = { leadId, amount, merchantReference: 'throttled' };
    const { operationId } = await world.attempt(conversionKind, recca, { body });
    expect(await rowOf(operationId)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
    expect(await effects('conversion')).toBe(1);
  });

  it.each([{}, { shortNames: true }])(
    'a lead that is submitted behind a 429 is looked for, and not sent again: %j',
    async options => {
      await begin(options);
      throttleOnce(({ url }) => url.endsWith('/federation/v1/leads'));
      const { operationId } = await world.attempt(leadKind, recca, leadOf('Maria Smith'));
      expect(await rowOf(operationId)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
      expect(await effects('lead')).toBe(1);
    },
  );

  it('a lead that is not submitted is sent again, whoever else was recommended meanwhile', async () => {
    const isLead = ({ url }: { url: string }): boolean => url.endsWith('/federation/v1/leads');
    throttleOnce(isLead, () => world.write(leadKind, recca, leadOf('Anna Smith')));
    expect(await world.write(leadKind, recca, leadOf('Maria Smith'))).toMatchObject({ status: 201 });
    expect(await effects('lead')).toBe(2);
  });
});
