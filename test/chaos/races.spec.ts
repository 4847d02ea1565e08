import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Purchase } from '#canonical';
import { execute, purchaseKind, reconcile, refundKind } from '#outbound';
import type { StoredOperation } from '#persistence';
import { settle } from '../../libs/outbound/src/run/settle.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { openCompany } from './companies.js';
import type { Company } from './companies.js';

// No worker runs here: each step is called by hand to fix the order of events.
let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { only: [] } });
});
afterAll(() => world.close());

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = (reference: string, number?: string) => ({
  identifier: { type: 'code', value: '700007' },
  merchantReference: reference,
  receipt: { total: rub('1000.00'), ...(number ? { number } : {}) },
});
const row = async (id: string): Promise<StoredOperation> =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;

async function inCompany(play: (company: Company) => Promise<void>): Promise<void> {
  const company = await openCompany(world, 'uds', 1);
  try {
    await play(company);
  } finally {
    await company.sandbox.close();
  }
}

/** The next write never arrives. */
const loseNext = (company: Company) =>
  company.breakCalls([{ fault: 'reset-before-reading', method: 'POST', count: 1 }]);

/** Advances an operation with a lost answer by two minutes. */
async function later(id: string): Promise<void> {
  await world.core.database.source.query(
    `update operations set first_sent_at = first_sent_at - interval '2 minutes', last_sent_at = last_sent_at - interval '2 minutes' where id = $1`,
    [id],
  );
}

it('does not take another refund of the same sum for the lost one', () =>
  inCompany(async company => {
    const { connection } = company;
    const bought = await world.write(purchaseKind, connection, { body: sale('sold'), waitMs: 15_000 });
    const params = { purchaseId: (bought.body as Purchase).id };
    const part = (reference: string) => ({
      body: { merchantReference: reference, amount: rub('100.00') },
      params,
    });
    await loseNext(company);
    const lost = await world.attempt(refundKind, connection, part('lost'));
    expect((await row(lost.operationId!)).state).toBe('unknown');
    // The second refund may not be sent before the outcome of the first is known.
    const twin = await world.write(refundKind, connection, { ...part('twin'), waitMs: 1_000 });
    expect((await row(twin.operationId!)).state).toBe('queued');
    for (let look = 0; look < 2; look++) {
      await later(lost.operationId!);
      await reconcile(world.core, lost.operationId!);
    }
    expect(await row(lost.operationId!)).toMatchObject({ state: 'rejected', evidence: 'strong' });
    expect((await company.journal()).filter(({ effect }) => effect?.type === 'refund')).toHaveLength(0);
  }));

it('does not take another till’s purchase with the same receipt number for the lost one', () =>
  inCompany(async company => {
    const { connection } = company;
    const other = await world.write(purchaseKind, connection, { body: sale('till-1', '17'), waitMs: 15_000 });
    expect(other.status).toBe(201);
    await loseNext(company);
    const lost = await world.attempt(purchaseKind, connection, { body: sale('till-2', '17') });
    await reconcile(world.core, lost.operationId!);
    expect((await row(lost.operationId!)).state).toBe('succeeded');
    const { purchases } = world.core.stores;
    const tx = world.core.database.direct;
    const [own, others] = [
      await purchases.byOperation(tx, lost.operationId!),
      await purchases.byOperation(tx, other.operationId!),
    ];
    expect(own!.providerOperationId).not.toBe(others!.providerOperationId);
  }));

it('does not claim a row that was read before another attempt', () =>
  inCompany(async ({ connection }) => {
    const left = await world.write(purchaseKind, connection, { body: sale('stale'), waitMs: 0 });
    const { operations } = world.core.stores;
    const tx = world.core.database.direct;
    const read = await row(left.operationId!);
    const lease = { owner: 'test', leaseMs: 10_000 };
    const first = await operations.claim(tx, read, lease, { write: true });
    if (!('claim' in first)) throw new Error('not claimed');
    await operations.requeue(tx, first.claim, { wakeAt: new Date(), reason: 'test', doubtful: true });
    expect(await operations.claim(tx, read, lease)).toEqual({ blocked: 'taken' });
  }));

it('emits one event for a lost answer, also when the write is repeated because the answer to its COMMIT was lost', () =>
  inCompany(async ({ connection }) => {
    const left = await world.write(purchaseKind, connection, { body: sale('twice'), waitMs: 0 });
    const operation = await row(left.operationId!);
    const { database, stores, owner } = world.core;
    const lease = { owner, leaseMs: 10_000 };
    const taken = await stores.operations.claim(database.direct, operation, lease, { write: true });
    if (!('claim' in taken)) throw new Error(taken.blocked);
    const held = { operation, connection, claim: taken.claim };
    const search = { strategy: 'test', tries: 0, absents: 0, reason: 'test' };
    const lost = { state: 'unknown', evidence: 'none', wakeAt: new Date(), reconcile: search } as const;
    expect(await settle(world.core, held, lost)).toBe(true);
    expect(await settle(world.core, held, lost)).toBe(false);
    const told: { type: string }[] = await database.direct.query(
      `select type from events where resource_id = $1`,
      [operation.id],
    );
    expect(told.map(({ type }) => type)).toEqual(['operation.unknown']);
  }));

it('withdraws unsent operations of a deleted connection and sends the uncertain ones to review', () =>
  inCompany(async company => {
    const { connection } = company;
    await loseNext(company);
    const lost = await world.attempt(purchaseKind, connection, { body: sale('sent') });
    const left = await world.write(purchaseKind, connection, { body: sale('not-sent'), waitMs: 0 });
    await world.core.stores.connections.destroy(world.core.database.direct, connection.id);
    await reconcile(world.core, lost.operationId!);
    await execute(world.core, left.operationId!, { laneBudgetMs: 0 });
    expect((await row(lost.operationId!)).state).toBe('needs-review');
    expect(await row(left.operationId!)).toMatchObject({ state: 'cancelled', outcome: 'not-executed' });
  }));
