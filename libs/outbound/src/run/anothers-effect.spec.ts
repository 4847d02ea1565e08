import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Sent } from '../http/sent.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { refundKind } from '../kinds/refund.kind.js';
import type { Kind } from '../kinds/kind.js';
import { resolveOperation } from '../reconcile/decide-by-person.js';
import { reconcile } from '../reconcile/reconcile.js';

describe('an answer that names the effect of another operation', () => {
  let world: World;
  let shop: OpenConnection;
  /** The provider's number of the first sale, and its sale. */
  let first: { number: string; id: string };

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] }, glanceAfterMs: 1 });
  });
  beforeEach(async () => {
    shop = await world.connect('uds');
    const { result, id } = await sold();
    first = { number: result.providerOperationId, id };
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  let count = 0;
  const sale = () => ({
    body: {
      identifier: { type: 'code', value: '123456' },
      merchantReference: `sale-${++count}`,
      receipt: { total: { amount: '10.00', currency: 'RUB' } },
    },
  });
  const sell = () => world.write(purchaseKind, shop, sale());
  const sold = () => world.done(purchaseKind, shop, sale());
  const refundOf = (purchaseId: string) => ({
    body: { merchantReference: `refund-${++count}`, amount: { amount: '3.00', currency: 'RUB' } },
    params: { purchaseId },
  });
  /** Its answer is not believed, and what it did is looked up. */
  const isLookedUp = ({ operationId }: { operationId: string | null }) =>
    expect
      .poll(() => world.core.stores.operations.byId(world.core.database.direct, operationId!))
      .toMatchObject({
        state: 'unknown',
        reconcile: { reason: 'answered with the effect of another operation' },
      });

  /** The next request with an effect is answered with this operation's number; `does` = it has its effect. */
  const answerWith = (id: string, does: boolean, other: object = {}) => {
    const { send } = world.core.send;
    vi.spyOn(world.core.send, 'send').mockImplementation(async (outgoing): Promise<Sent> => {
      if (outgoing.method !== 'POST') return send.call(world.core.send, outgoing);
      vi.mocked(world.core.send.send).mockImplementation(send.bind(world.core.send));
      const url = does ? outgoing.url : outgoing.url.replace(/operations.*/, 'settings');
      const sent = await send.call(world.core.send, does ? outgoing : { ...outgoing, url, method: 'GET' });
      if (sent.kind !== 'answered') throw new Error(`The sandbox does not answer: ${sent.reason}`);
      const body = { ...(does ? (sent.answer.body as object) : {}), ...other, id: Number(id) };
      return { ...sent, answer: { ...sent.answer, body } };
    });
  };

  it('is no success of a sale: the one in the ledger is', async () => {
    answerWith(first.number, true, { receiptNumber: 'sale-0' });
    const answer = (await sell()) as { status: number; body: any };
    expect(answer).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect(answer.body.result.providerOperationId).not.toBe(first.number);
  });

  it('is no success of a sale that was not booked', async () => {
    const booked = { receiptNumber: 'sale-0', points: 0, total: 10, cash: 10, state: 'NORMAL' };
    answerWith(first.number, false, booked);
    await isLookedUp(await world.attempt(purchaseKind, shop, sale()));
  });

  it('is no success of a sale where it belongs to one over another connection with the same token', async () => {
    const owner = shop;
    shop = await world.connect('uds');
    const { direct } = world.core.database;
    await direct.query('update connections set lane = $2 where id = $1', [shop.id, owner.lane.fingerprint]);
    shop = await world.reopen(shop);
    const booked = { receiptNumber: 'sale-0', points: 0, total: 10, cash: 10, state: 'NORMAL' };
    answerWith(first.number, false, booked);
    await isLookedUp(await world.attempt(purchaseKind, shop, sale()));
  });

  it('is no success of a sale where it has the receipt number of one that is being booked at this moment', async () => {
    const { send } = world.core.send;
    let booked: Sent | undefined;
    let release = (): void => undefined;
    const held = new Promise<void>(resolve => (release = resolve));
    const posts = vi.spyOn(world.core.send, 'send').mockImplementation(async outgoing => {
      if (outgoing.method !== 'POST') return send.call(world.core.send, outgoing);
      if (booked) {
        posts.mockImplementation(send.bind(world.core.send));
        return booked;
      }
      booked = await send.call(world.core.send, outgoing);
      await held;
      return booked;
    });
    const owner = sell();
    await expect.poll(() => booked).toBeDefined();
    await isLookedUp(await world.attempt(purchaseKind, shop, sale()));
    release();
    expect(await owner).toMatchObject({ status: 201, body: { state: 'succeeded' } });
  });

  it.each([
    ['is in review', undefined],
    ['a person settled as executed', 'executed'],
  ] as const)(
    'is no success of a sale where it has the receipt number of one that %s',
    async (_, outcome) => {
      shop = await world.connect('uds', { undocumentedCalls: false });
      await world.control('faults', {
        provider: 'uds',
        method: 'POST',
        fault: 'commit-then-reset',
        count: 1,
      });
      const { operationId: owner } = await world.attempt(purchaseKind, shop, sale());
      const receiptNumber = `sale-${count}`;
      const state = () =>
        world.core.stores.operations.byId(world.core.database.direct, owner!).then(row => row!.state);
      await expect.poll(() => reconcile(world.core, owner!).then(state)).toBe('needs-review');
      const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'the chief' };
      if (outcome) await resolveOperation(world.core, person, owner!, { outcome, note: 'seen' });
      const { id } = (await world.effects('uds')).at(-1)!;
      answerWith(id!, false, { receiptNumber, points: 0, total: 10, cash: 10, state: 'NORMAL' });
      await isLookedUp(await world.attempt(purchaseKind, shop, sale()));
    },
  );

  it('is believed where it has the receipt number that was sent: a ledger that was reset counts anew', async () => {
    answerWith(first.number, true);
    expect(await sell()).toMatchObject({
      status: 201,
      body: { state: 'succeeded', result: { providerOperationId: first.number } },
    });
  });

  describe('of an account that was reset, and so counts anew', () => {
    /** The next write is lost on its way back; returns how it ends when it is looked up at once. */
    const lost = async (kind: Kind, asked: { body: unknown; params?: Record<string, string> }) => {
      await world.control('faults', {
        provider: 'uds',
        method: 'POST',
        fault: 'commit-then-reset',
        count: 1,
      });
      const { operationId } = await world.attempt(kind, shop, asked);
      return world.core.stores.operations.byId(world.core.database.direct, operationId!);
    };
    let offsetMs = 0;
    /** The account forgets all; its clock goes on. */
    const resetAccount = async () => {
      await world.control('clock', { offsetMs: (offsetMs += 5_000) });
      await world.control('reset', { provider: 'uds', options: {} });
    };

    it('is that of a sale that is found under the number of an older one', async () => {
      await resetAccount();
      const older = await sold();
      await resetAccount();
      expect(await lost(purchaseKind, sale())).toMatchObject({ state: 'succeeded', evidence: 'strong' });
      const [booked] = await world.effects('uds');
      expect(booked!.id).toBe(older.result.providerOperationId);
    });

    it('is that of a refund that is found under the number of one of another sale', async () => {
      const refund = async () => refundOf((await sold()).id);
      await resetAccount();
      const older = await world.done(refundKind, shop, await refund());
      await resetAccount();
      expect(await lost(refundKind, await refund())).toMatchObject({
        state: 'succeeded',
        evidence: 'strong',
      });
      const [, booked] = await world.effects('uds');
      expect(booked!.id).toBe(older.providerOperationId);
    });
  });

  it('is no success of a refund', async () => {
    const { providerOperationId } = await world.done(refundKind, shop, refundOf(first.id));
    answerWith(providerOperationId, false, { points: 0, total: -3, cash: -3, state: 'REVERSAL' });
    await isLookedUp(await world.attempt(refundKind, shop, refundOf(first.id)));
  });
});
