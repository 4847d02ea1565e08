import { randomUUID } from 'node:crypto';
import { newId } from '#canonical';
import type { GatewayEvent, Problem } from '#canonical';
import { openBull, purchaseKind, startWorkers } from '#outbound';
import type { Bull, OpenConnection, Workers } from '#outbound';
import { DelayedError, UnrecoverableError } from 'bullmq';
import type { Job, Processor } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { CommandWorkers } from './command-workers.js';
import { acceptCommand } from './commands.js';
import type { DeadCommand } from './commands.js';
import {
  commandQueueName,
  createSubscription,
  deadCommandQueueName,
  eventQueueName,
  openEvents,
  publicStore,
  replayDelivery,
  startEventWorkers,
} from './index.js';
import type { EventCore, EventWorkers } from './index.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const eventually = <T>(look: () => T) => expect.poll(look);
const sale = (merchantReference: string) => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference,
  receipt: { total: { amount: '1000.00', currency: 'RUB' }, redeemPoints: '0' },
});

describe.each(['redis', 'postgres'] as const)('queues on %s', store => {
  let world: World;
  let events: EventCore;
  let workers: [Workers, EventWorkers];
  /** A merchant's backend: BullMQ and the address of the store. */
  let merchant: Bull;
  let uds: OpenConnection;
  const dead: DeadCommand[] = [];
  const read: Job<GatewayEvent>[] = [];

  beforeAll(async () => {
    world = await startWorld({ store });
    events = openEvents(world);
    uds = await world.connect('uds');
    workers = [
      startWorkers(world.core, world.queues),
      await startEventWorkers(world, world.settings.databaseUrl, { schedule: [0, 20, 40] }),
    ];
    merchant = openBull(publicStore(world.queues));
    await createSubscription(events, world.core.database.direct, world.tenantId, {
      target: { type: 'queue', name: 'shop' },
      events: ['purchase.*', 'operation.*'],
    });
    const one = { concurrency: 1 };
    merchant.worker(eventQueueName('test', 'shop'), async job => void read.push(job), one);
    merchant.worker(deadCommandQueueName('test'), async job => void dead.push(job.data), one);
  });
  afterAll(async () => {
    await merchant.close();
    await Promise.all(workers.map(each => each.close()));
    await events.close();
    await world.close();
  });
  beforeEach(() => {
    dead.length = read.length = 0;
  });

  const command = (over: object = {}) => ({
    connection: uds.slug,
    idempotencyKey: randomUUID(),
    kind: 'createPurchase',
    body: sale(randomUUID()),
    ...over,
  });
  const give = async (data: unknown, jobId?: string) => {
    const queue = await merchant.queue(commandQueueName('test'));
    await queue.add('command', data, { jobId });
  };
  /** Waits for all events of a sale: they are delivered concurrently, in no guaranteed order. */
  const told = () =>
    eventually(() => read.map(job => job.data.type).toSorted()).toEqual([
      'operation.succeeded',
      'purchase.succeeded',
    ]);
  const purchasesAt = async () =>
    (await world.journal('uds'))
      .filter(line => line.effect?.type === 'purchase')
      .map(({ method, path, status, effect }) => ({
        method,
        path: path.replace(/\d+/g, '#'),
        status,
        type: effect!.type,
      }));

  it('run a sale with the same result as REST', async () => {
    const [byQueue, byRest] = [command(), command()];
    await give(byQueue);
    await told();
    const queued = read.splice(0);
    await world.write(purchaseKind, uds, { body: byRest.body, key: byRest.idempotencyKey });
    await told();

    const shape = (jobs: Job<GatewayEvent>[]) =>
      jobs
        .map(({ data }) => ({
          type: data.type,
          sequence: data.sequence,
          of: data.data['state'],
          keys: Object.keys(data.data).toSorted(),
        }))
        .toSorted((a, b) => a.type.localeCompare(b.type));
    expect(shape(queued)).toEqual(shape(read));
    const [first, second, ...more] = await purchasesAt();
    expect(first).toEqual(second);
    expect(more).toEqual([]);
    expect(queued.every(job => job.id === job.data.id)).toBe(true);
  });

  it('run a command once, however often it arrives', async () => {
    const same = command();
    const before = (await purchasesAt()).length;
    await give(same);
    await give(same);
    await told();
    await give(same);
    const queue = await merchant.queue(commandQueueName('test'));
    await eventually(() => queue.getJobCountByTypes('wait', 'active', 'delayed')).toBe(0);
    expect(await purchasesAt()).toHaveLength(before + 1);
    expect(dead).toEqual([]);
  });

  it('move a command that can never run to the dead-letter queue, with its problem and without personal data', async () => {
    const idempotencyKey = 'order-1795857814158-1';
    await give(
      command({
        idempotencyKey,
        body: { ...sale('order-1'), receipt: { total: { amount: 12, currency: 'RUB' } } },
      }),
    );
    await eventually(() => dead.length).toBe(1);
    expect(dead[0]!.problem).toMatchObject({
      status: 400,
      code: 'money-not-string',
      errors: [{ pointer: '/body/receipt/total/amount' }],
    });
    expect(dead[0]!.command).toMatchObject({
      kind: 'createPurchase',
      idempotencyKey,
      body: { merchantReference: 'order-1' },
    });
    expect(JSON.stringify(dead[0])).not.toContain('123456');
  });

  it('move every dead command to the dead-letter queue, also when its job id was used before', async () => {
    await give(command({ kind: 'buyCake' }), 'order-117');
    await eventually(() => dead.map(({ problem }) => problem.code)).toEqual(['validation-failed']);
    await give(command({ connection: 'nobodys' }), 'order-117');
    await eventually(() => dead.map(({ problem }) => problem.code)).toEqual([
      'validation-failed',
      'not-found',
    ]);
  });

  it.each([
    ['no object at all', 'buy', { code: 'invalid-parameter' }],
    [
      'an unknown kind',
      { kind: 'constructor' },
      { code: 'validation-failed', errors: [{ pointer: '/kind' }] },
    ],
    [
      'an unknown connection',
      { connection: 'nobody' },
      { code: 'not-found', detail: expect.stringContaining('`connection`') },
    ],
    [
      'a refund of an unknown purchase',
      { kind: 'createRefund', body: { merchantReference: 'r-1' } },
      { code: 'validation-failed', errors: [{ pointer: '/resourceId' }] },
    ],
    ['a key that is too short', { idempotencyKey: 'short' }, { code: 'validation-failed' }],
    ['a field that nobody knows', { priority: 1 }, { code: 'unknown-field' }],
  ])('refuse %s', async (_, over, problem) => {
    const data = typeof over === 'string' ? over : command(over);
    const taken = await acceptCommand(events, world.tenantId, { data, id: 'command-1' });
    expect(taken).toMatchObject({ outcome: 'dead', problem });
  });

  it.each([
    ['total of nothing', { total: rub('0.00') }, '/body/receipt/total/amount'],
    [
      'part larger than the whole',
      { total: rub('10.00'), excludedTotal: rub('11.00') },
      '/body/receipt/excludedTotal/amount',
    ],
  ])(
    'point into the body of a command where a sale cannot be accepted: a %s',
    async (_, receipt, pointer) => {
      const data = command({ body: { ...sale(randomUUID()), receipt } });
      const taken = await acceptCommand(events, world.tenantId, { data, id: 'command-1' });
      const problem = { code: 'validation-failed', errors: [{ pointer }] };
      expect(taken).toMatchObject({ outcome: 'dead', problem });
      expect((taken as { problem: Problem }).problem.detail).toContain(`${pointer}: `);
    },
  );

  it('do not move a repeated command to the dead-letter queue after its connection was deleted', async () => {
    const shop = await world.connect('uds');
    const data = command({ connection: shop.slug });
    await give(data);
    await told();
    await world.core.stores.connections.destroy(world.core.database.direct, shop.id);
    const again = await acceptCommand(events, world.tenantId, { data, id: 'command-1' });
    expect(again).toEqual({ outcome: 'accepted', operationId: expect.stringMatching(/^opr_/) });
    const { id, slug } = await world.connect('uds');
    const { connections } = world.core.stores;
    await connections.update(world.core.database.direct, id, { slug: shop.slug });
    expect(await acceptCommand(events, world.tenantId, { data, id: 'command-1' })).toEqual(again);
    await connections.update(world.core.database.direct, id, { slug });
    const fresh = { data: command({ connection: shop.slug }), id: 'command-2' };
    const problem = { code: 'not-found', outcome: 'not-executed' };
    expect(await acceptCommand(events, world.tenantId, fresh)).toMatchObject({ outcome: 'dead', problem });
  });

  it.each([
    ['createHold', { points: '1' }, ['operation.succeeded']],
    [
      'createPurchase',
      { ...sale(''), receipt: { ...sale('').receipt, redeemPoints: '1' } },
      ['operation.succeeded', 'purchase.succeeded'],
    ],
  ])('give a slow provider time to tell the balance, though nobody waits: %s', async (kind, more, types) => {
    const shop = await world.connect('uds', { advisoryHolds: true });
    const { send } = world.core;
    // Each with what had passed before it: acceptance and the lane take from the same time.
    const timeouts: number[] = [];
    let beganAt = 0;
    const patient = async (asked: Parameters<typeof send.send>[0]) => {
      timeouts.push(asked.timeoutMs + performance.now() - beganAt);
      return send.send(asked);
    };
    const core = { ...world.core, send: { ...send, send: patient } };
    const reference = kind === 'createPurchase' ? { merchantReference: randomUUID() } : {};
    const body = { ...more, identifier: { type: 'code', value: '000123' }, ...reference };
    const data = command({ connection: shop.slug, kind, body });
    beganAt = performance.now();
    const taken = await acceptCommand({ core }, world.tenantId, { data, id: 'command-1' });
    expect(taken).toMatchObject({ outcome: 'accepted' });
    expect(timeouts[0]).toBeGreaterThan(1_000);
    await eventually(() => read.map(job => job.data.type).toSorted()).toEqual(types);
  });

  it('wait while their connection is paused', async () => {
    const shop = await world.connect('uds');
    const state = (to: 'paused' | 'callable') =>
      world.core.stores.connections.moveState(world.core.database.direct, shop.id, to, null);
    const given = { data: command({ connection: shop.slug }), id: 'command-1' };
    await state('paused');
    const taken = await acceptCommand(events, world.tenantId, given);
    expect(taken).toEqual({ outcome: 'later', reason: 'connection-paused' });
    await state('callable');
    expect(await acceptCommand(events, world.tenantId, given)).toMatchObject({ outcome: 'accepted' });
    await told();
  });

  it('cannot use another tenant’s connection', async () => {
    const other = await world.tenants.ensure(
      world.core.database.direct,
      `o-${randomUUID().slice(0, 8)}`,
      'Other',
    );
    const taken = await acceptCommand(events, other.id, {
      data: command({ connection: uds.id }),
      id: 'command-1',
    });
    expect(taken).toMatchObject({ outcome: 'dead', problem: { code: 'not-found' } });
  });

  it('keep a command that cannot be accepted now and accept it later', async () => {
    const { source } = world.core.database;
    await source.query('alter table idempotency_keys rename to idempotency_keys_away');
    await give(command());
    const queue = await merchant.queue(commandQueueName('test'));
    await eventually(() => queue.getJobCountByTypes('delayed')).toBe(1);
    await source.query('alter table idempotency_keys_away rename to idempotency_keys');
    await told();
    await eventually(() => queue.getJobCountByTypes('wait', 'active', 'delayed', 'completed', 'failed')).toBe(
      0,
    );
    expect(dead).toEqual([]);
  });

  it('remove an accepted command, whatever its sender’s queue keeps of finished jobs', async () => {
    const queue = await merchant.queue(commandQueueName('test'));
    await queue.add('command', command(), { removeOnComplete: false, removeOnFail: false });
    await told();
    await queue.add('command', command({ kind: 'buyCake' }), { removeOnComplete: { age: 3_600 } });
    await eventually(() => dead.length).toBe(1);
    await eventually(() => queue.getJobCountByTypes('wait', 'active', 'delayed', 'completed', 'failed')).toBe(
      0,
    );
  });

  it('never fail a command that can be neither accepted nor postponed', async () => {
    const taking: Processor[] = [];
    const bull = { worker: (_name: string, take: Processor) => void taking.push(take) };
    const away = async () => {
      throw new Error('the store is away');
    };
    const stores = { ...world.core.stores, connections: { find: away } };
    const core = { ...world.core, stores } as never;
    await new CommandWorkers({ ...events, core }, bull as never).follow();
    const job = { id: '1', data: command(), opts: {}, attemptsStarted: 1, moveToDelayed: away };
    await expect(taking[0]!(job as never)).rejects.toThrow(DelayedError);
  });

  it('take an event again, when it is replayed, that failed for good in the merchant’s worker', async () => {
    const { direct } = world.core.database;
    const { id: subscriptionId } = await createSubscription(events, direct, world.tenantId, {
      target: { type: 'queue', name: 'repaired-shop' },
      events: ['purchase.succeeded'],
    });
    const heard: string[] = [];
    const name = eventQueueName('test', 'repaired-shop');
    const handle = async ({ data }: Job<GatewayEvent>) => {
      heard.push(data.id);
      if (heard.length === 1) throw new UnrecoverableError('the shop is broken');
    };
    merchant.worker(name, handle, { concurrency: 1 });
    await give(command());
    await told();
    const queue = await merchant.queue(name);
    await eventually(() => queue.getJobCountByTypes('failed')).toBe(1);
    const stored = () => events.deliveries.page(direct, world.tenantId, { subscriptionId, limit: 1 });
    await eventually(async () => (await stored())[0]?.status).toBe('delivered');

    const [delivery] = await stored();
    await replayDelivery(events, direct, world.tenantId, delivery!.id);

    await eventually(() => heard).toEqual([delivery!.eventId, delivery!.eventId]);
  });

  it('refund by command a sale made by command', async () => {
    await give(command());
    await told();
    const purchase = read.find(job => job.data.type === 'purchase.succeeded')!.data.data['id'];
    read.length = 0;
    await give(
      command({ kind: 'createRefund', resourceId: purchase, body: { merchantReference: randomUUID() } }),
    );
    await eventually(() => read.map(job => job.data.type)).toContain('operation.succeeded');
    await give(
      command({ kind: 'createRefund', resourceId: newId('pur'), body: { merchantReference: randomUUID() } }),
    );
    await eventually(() => dead.map(({ problem }) => problem.code)).toEqual(['not-found']);
  });
});
