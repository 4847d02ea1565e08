import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommitInDoubt, Database, createDataSource } from '#persistence';
import { openRelay } from '../../../../test/support/relay.js';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { OpenConnection } from '../connections/connection.js';
import { purchaseKind } from '../kinds/purchase.kind.js';
import { settle } from './settle.js';

const result = {
  providerOperationId: '77',
  earnedPoints: '1.00',
  redeemedPoints: '0.00',
  payable: { amount: '10.00', currency: 'RUB' },
} as never;

describe('a success that is settled in one round trip', () => {
  let world: World;
  let shop: OpenConnection;
  const direct = () => world.core.database.direct;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    shop = await world.connect('uds');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  /** A sale that is being sent, with its claim. */
  async function dispatching(merchantReference: string) {
    const { stores, owner } = world.core;
    const body = {
      identifier: { type: 'code', value: '123456' },
      merchantReference,
      receipt: { total: { amount: '10.00', currency: 'RUB' } },
    };
    const { operationId } = await world.write(purchaseKind, shop, { body, waitMs: 0 });
    const operation = (await stores.operations.byId(direct(), operationId!))!;
    const answer = await stores.operations.claim(direct(), operation, { owner, leaseMs: 60_000 });
    return { operation, claim: (answer as { claim: { id: string; fence: number } }).claim, connection: shop };
  }

  /** What stands of it in the operation, its purchase and its events. */
  async function stored({ id, resourceId }: { id: string; resourceId: string }) {
    const [row] = await direct().query(
      `select o.state, p.provider_operation_id as number,
         (select array_agg(e.type order by e.type) from events e where e.resource_id in (o.id, p.id)) as events
       from operations o join purchases p on p.id = o.resource_id where o.id = $1 and p.id = $2`,
      [id, resourceId],
    );
    return row;
  }

  /** The same database behind a relay, with its connection open. */
  async function farDatabase() {
    const way = new URL((world.core.database.source.options as { url: string }).url);
    const relay = await openRelay(Number(way.port));
    way.hostname = '127.0.0.1';
    way.port = String(relay.port);
    const database = new Database(await createDataSource(way.href, 1).initialize());
    await database.ping();
    return { relay, database };
  }

  const success = { state: 'succeeded', evidence: 'proof', result } as const;
  const all = { state: 'succeeded', number: '77', events: ['operation.succeeded', 'purchase.succeeded'] };
  const nothing = { state: 'dispatching', number: null, events: null };

  it('is stored whole', async () => {
    const stepwise = vi.spyOn(world.core.stores.operations, 'settle');
    const at = await dispatching('whole');
    const woken = world.core.notifications.wait(at.operation.id, 10_000);
    expect(await settle(world.core, at, success)).toBe(true);
    expect(await stored(at.operation)).toEqual(all);
    expect(await woken).toMatchObject({ id: at.operation.id, state: 'succeeded', outcome: 'executed' });
    expect(stepwise).not.toHaveBeenCalled();
  });

  it('leaves nothing where the claim is stale', async () => {
    const at = await dispatching('stale');
    const claim = { ...at.claim, fence: at.claim.fence - 1 };
    expect(await settle(world.core, { ...at, claim }, success)).toBe(false);
    expect(await stored(at.operation)).toEqual(nothing);
  });

  it('is not stored twice', async () => {
    const at = await dispatching('twice');
    expect(await settle(world.core, at, success)).toBe(true);
    expect(await settle(world.core, at, success)).toBe(false);
    expect(await stored(at.operation)).toEqual(all);
  });

  it('takes more steps where a customer is told that is not known yet', async () => {
    const stepwise = vi.spyOn(world.core.stores.operations, 'settle');
    const at = await dispatching('new customer');
    const customer = { refs: { participantId: '4711' } };
    expect(
      await settle(world.core, at, { ...success, result: { ...(result as object), customer } as never }),
    ).toBe(true);
    expect(stepwise).toHaveBeenCalledTimes(1);
    expect(await stored(at.operation)).toEqual(all);
    const purchase = await world.core.stores.purchases.byOperation(direct(), at.operation.id);
    expect(purchase!.customerId).toMatch(/^cus_/);
  });

  it.each([
    ['Postgres refuses', { warnings: [{ text: 'a\u0000b' }] }],
    ['cannot be sent', { warnings: [{ text: 1n }] }],
  ])('leaves nothing where the answer is one that %s', async (what, part) => {
    const at = await dispatching(what);
    const broken = { ...(result as object), ...part } as never;
    await expect(settle(world.core, at, { ...success, result: broken })).rejects.toThrow();
    expect(await stored(at.operation)).toEqual(nothing);
  });

  it('leaves nothing where the purchase is gone', async () => {
    const at = await dispatching('gone');
    await direct().query('delete from purchases where id = $1', [at.operation.resourceId]);
    await expect(settle(world.core, at, success)).rejects.toThrow('There is no purchase');
    expect(await world.core.stores.operations.byId(direct(), at.operation.id)).toMatchObject({
      state: 'dispatching',
    });
  });

  it.each([
    { what: 'stored', behind: 0, left: all },
    { what: 'refused', behind: 1, left: nothing },
  ])('is in doubt where the answer to its COMMIT is lost: it was $what', async ({ what, behind, left }) => {
    const at = await dispatching(`lost, ${what}`);
    const claim = { ...at.claim, fence: at.claim.fence - behind };
    const { relay, database } = await farDatabase();
    const core = Object.create(world.core, { database: { value: database } }) as typeof world.core;
    relay.slow(Infinity);
    const told = settle(core, { ...at, claim }, success).catch((error: unknown) => error);
    await expect.poll(() => relay.slowed()).toBeGreaterThan(0);
    await expect.poll(() => stored(at.operation)).toEqual(left);
    relay.cut();
    expect(await told).toBeInstanceOf(CommitInDoubt);
    await database.source.destroy();
    await relay.close();
    // The repeat finds out: only what was not stored is stored now.
    expect(await settle(world.core, at, success)).toBe(left === nothing);
    expect(await stored(at.operation)).toEqual(all);
  });

  it('is told as stored only when Postgres said so', async () => {
    const at = await dispatching('doubt');
    vi.spyOn(world.core.database, 'transaction').mockImplementation(async () => {
      throw new CommitInDoubt(new Error('lost'));
    });
    const woken = world.core.notifications.wait(at.operation.id, 10_000);
    await expect(settle(world.core, at, success)).rejects.toBeInstanceOf(CommitInDoubt);
    expect(await woken).toBeUndefined();
  });
});
