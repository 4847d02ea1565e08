import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purchaseKind, startWorkers } from '#outbound';
import type { OpenConnection, Workers } from '#outbound';
import type { Purchase } from '#canonical';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = (reference: string, redeemPoints = '0') => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference: reference,
  receipt: { total: rub('1000.00'), redeemPoints },
});

describe.each(['redis', 'postgres'] as const)('a purchase at UDS, lanes and queues on %s', store => {
  let world: World;
  let workers: Workers;
  let uds: OpenConnection;

  beforeAll(async () => {
    world = await startWorld({ store });
    workers = startWorkers(world.core, world.queues);
  });
  afterAll(async () => {
    await workers.close();
    await world.close();
  });
  beforeEach(async () => {
    await world.control('reset', { provider: 'uds' });
    // A reset ledger reuses its numbers, which no real account does.
    uds = await world.connect('uds');
  });

  it('is booked once, with a nonce stored before sending', async () => {
    const answer = await world.write(purchaseKind, uds, { body: sale('order-1', '100') });
    expect(answer).toMatchObject({ status: 201, replayed: false });
    const purchase = answer.body as Purchase;
    expect(purchase).toMatchObject({
      state: 'succeeded',
      outcome: 'executed',
      result: { redeemedPoints: '100', payable: rub('900.00') },
    });
    expect((await world.effects('uds')).filter(effect => effect.type === 'purchase')).toHaveLength(1);
    const stored = await world.core.stores.operations.byId(world.core.database.direct, answer.operationId!);
    const sent = (await world.journal('uds')).find(
      line => line.method === 'POST' && line.path.endsWith('/operations'),
    );
    expect(JSON.parse(sent!.body!).nonce).toBe(stored!.nonce);
  });

  it('answers a repeat under the same key with the stored answer', async () => {
    const key = randomUUID();
    const first = await world.write(purchaseKind, uds, { body: sale('order-2'), key });
    const again = await world.write(purchaseKind, uds, { body: sale('order-2'), key });
    expect(again).toEqual({ ...first, replayed: true });
    expect((await world.effects('uds')).filter(effect => effect.type === 'purchase')).toHaveLength(1);
  });

  it('succeeds with one effect and one nonce when the answer is lost after the commit', async () => {
    await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
    const answer = await world.write(purchaseKind, uds, { body: sale('order-3', '50'), waitMs: 20_000 });
    expect(answer).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect((await world.effects('uds')).filter(effect => effect.type === 'purchase')).toHaveLength(1);
    const nonces = (await world.journal('uds'))
      .filter(line => line.method === 'POST' && line.path.endsWith('/operations'))
      .map(line => JSON.parse(line.body!).nonce);
    expect(new Set(nonces).size).toBe(1);
  });

  it('refuses with the provider’s reason and leaves no effect', async () => {
    const answer = await world.write(purchaseKind, uds, { body: sale('order-4', '999999') });
    expect(answer.status).toBe(422);
    expect(await world.effects('uds')).toHaveLength(0);
  });

  it('repeats a lost purchase once under the same nonce when the provider has no trace of it', async () => {
    await world.control('faults', {
      provider: 'uds',
      method: 'POST',
      fault: 'reset-before-reading',
      count: 1,
    });
    const answer = await world.write(purchaseKind, uds, { body: sale('order-8', '50'), waitMs: 20_000 });
    expect(answer).toMatchObject({ status: 201, body: { state: 'succeeded' } });
    expect((await world.effects('uds')).filter(effect => effect.key === 'order-8')).toHaveLength(1);
    const stored = await world.core.stores.operations.byId(world.core.database.direct, answer.operationId!);
    expect(stored).toMatchObject({ repeats: 1, evidence: 'proof' });
  });

  it('refuses a further spend of a customer whose spend has an unknown outcome, and sends nothing', async () => {
    await world.control('faults', {
      provider: 'uds',
      method: 'POST',
      fault: 'reset-before-reading',
      count: 100,
    });
    const lost = await world.attempt(purchaseKind, uds, { body: sale('order-5', '50') });
    const state = async () =>
      (await world.core.stores.operations.byId(world.core.database.direct, lost.operationId!))?.state;
    await expect.poll(state).toBe('unknown');
    const further = await world.write(purchaseKind, uds, { body: sale('order-6', '50') });
    expect(further).toMatchObject({
      status: 409,
      body: { code: 'customer-operation-unresolved', operationId: lost.operationId },
    });
    const earn = await world.write(purchaseKind, uds, { body: sale('order-7'), waitMs: 100 });
    expect(earn.status).toBe(202);
  });
});
