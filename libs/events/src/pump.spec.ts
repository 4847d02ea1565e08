import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '#canonical';
import { expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { fanOut } from './fan-out.js';
import { createSubscription, deleteSubscription, openEvents, rotateSecret } from './index.js';
import type { EventCore } from './index.js';
import { Pump } from './pump.js';

const TURNS = 200;
const idle = { stopping: false, crowded: false };

/** A subscription with so many events due to a receiver. */
async function dueTo(
  world: World,
  open: EventCore,
  { answer, events }: { answer: RequestListener; events: number },
) {
  const { database, stores } = world.core;
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { id } = await createSubscription(open, database.direct, world.tenantId, {
    target: { type: 'webhook', url },
    events: ['*'],
  });
  const happen = async (many: number) => {
    for (let nth = 0; nth < many; nth++)
      await stores.events.append(database.direct, {
        tenantId: world.tenantId,
        connectionId: null,
        type: 'purchase.succeeded',
        resourceType: 'purchase',
        resourceId: newId('pur'),
        data: { state: 'succeeded' },
      });
    await fanOut(open);
  };
  await happen(events);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { id, happen, close };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}

it('a pump releases its lease when it ends, also during a renewal', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { database } = world.core;
  const open = openEvents(world, { leaseMs: 300 });
  let delivered = false;
  let beats = 0;
  // The receiver answers during a lease renewal, and the renewal arrives after the result was stored.
  const takes: Promise<boolean>[] = [];
  const take: typeof open.subscriptions.acquirePumpLease = async (...asked) => {
    if (beats++ > 0) {
      await expect.poll(() => delivered).toBe(true);
      await turns();
    }
    return open.subscriptions.acquirePumpLease(...asked);
  };
  const acquirePumpLease: typeof take = (...asked) => {
    const taken = take(...asked);
    takes.push(taken);
    return taken;
  };
  const settle: typeof open.deliveries.settle = async (...asked) => {
    await open.deliveries.settle(...asked);
    delivered = true;
  };
  const events = {
    ...open,
    subscriptions: Object.assign(Object.create(open.subscriptions), { acquirePumpLease }),
    deliveries: Object.assign(Object.create(open.deliveries), { settle }),
  };
  const { id, close } = await dueTo(world, open, {
    events: 1,
    answer: (_request, response) =>
      void expect
        .poll(() => beats)
        .toBeGreaterThan(1)
        .then(() => response.writeHead(204).end()),
  });
  await new Pump(events, id, idle).run();
  expect(delivered).toBe(true);
  await Promise.all(takes);
  expect(await open.subscriptions.byId(database.direct, id)).toMatchObject({ pumpOwner: null });

  close();
  await open.close();
  await world.close();
});

it('a pump that cannot store a result keeps its lease until its other attempts have ended', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { direct } = world.core.database;
  const open = openEvents(world);
  const happened: string[] = [];
  let refusals = 0;
  const settle: typeof open.deliveries.settle = async (...asked) => {
    if (refusals++ === 0) throw new Error('no room');
    await open.deliveries.settle(...asked);
    happened.push('written');
  };
  const releasePumpLease: typeof open.subscriptions.releasePumpLease = async (...asked) => {
    happened.push('left');
    await open.subscriptions.releasePumpLease(...asked);
  };
  const events = {
    ...open,
    subscriptions: Object.assign(Object.create(open.subscriptions), { releasePumpLease }),
    deliveries: Object.assign(Object.create(open.deliveries), { settle }),
  };
  let asked = 0;
  const { id, close } = await dueTo(world, open, {
    events: 2,
    answer: (_request, response) => {
      const answer = async () => {
        // The second answers after the first's result was refused and all that follows from it has run.
        if (++asked === 2)
          await expect
            .poll(() => refusals)
            .toBe(1)
            .then(turns);
        response.writeHead(204).end();
      };
      void answer();
    },
  });

  await expect(new Pump(events, id, idle).run()).rejects.toThrow('no room');

  expect(happened).toEqual(['written', 'left']);
  const rows = await open.deliveries.page(direct, world.tenantId, { limit: 10 });
  expect(rows.map(({ status, attempts }) => ({ status, attempts }))).toEqual(
    expect.arrayContaining([
      { status: 'delivered', attempts: 1 },
      { status: 'pending', attempts: 0 },
    ]),
  );
  close();
  await open.close();
  await world.close();
});

it('a pump that has much to deliver signs with a new secret as well, as soon as it looks for more', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { direct } = world.core.database;
  const open = openEvents(world);
  const signatures: number[] = [];
  let rotated: Promise<unknown> | undefined;
  const { id, close } = await dueTo(world, open, {
    events: 101,
    answer: (request, response) => {
      signatures.push(String(request.headers['webhook-signature']).split(' ').length);
      // No answer before the rotation, and so no second page.
      rotated ??= rotateSecret(open, direct, world.tenantId, id);
      void rotated.then(() => response.writeHead(204).end());
    },
  });
  await new Pump(open, id, idle).run();
  expect(signatures).toHaveLength(101);
  expect(signatures).toContain(2);
  close();
  await open.close();
  await world.close();
});

it('a pump sends what becomes due while a request is unanswered, and gives way after its turn only to others', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const open = openEvents(world, { turnMs: 0 });
  const unanswered: ServerResponse[] = [];
  const { id, happen, close } = await dueTo(world, open, {
    events: 1,
    answer: (_request, response) => void unanswered.push(response),
  });
  const process = { stopping: false, crowded: false };
  const pump = new Pump(open, id, process);
  const ended = pump.run();
  await expect.poll(() => unanswered.length).toBe(1);
  await happen(1);
  pump.look();
  await expect.poll(() => unanswered.length).toBe(2);
  process.crowded = true;
  await happen(1);
  pump.look();
  for (const response of unanswered) response.writeHead(204).end();
  await ended;
  expect(unanswered).toHaveLength(2);
  const rows = await open.deliveries.page(world.core.database.direct, world.tenantId, { limit: 10 });
  expect(rows.map(({ status }) => status).toSorted()).toEqual(['delivered', 'delivered', 'pending']);
  close();
  await open.close();
  await world.close();
});

it('a pump that does not end says meanwhile that nothing gets through', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { direct } = world.core.database;
  const open = openEvents(world, { leaseMs: 300 });
  let unanswered: ServerResponse | undefined;
  const { id, close } = await dueTo(world, open, {
    events: 2,
    answer: (_request, response) => {
      if (unanswered) response.writeHead(500).end();
      else unanswered = response;
    },
  });
  const ended = new Pump(open, id, idle).run();
  const failingSince = async () => (await open.subscriptions.byId(direct, id))!.failingSince;
  await expect.poll(failingSince).not.toBeNull();
  unanswered!.writeHead(204).end();
  await ended;
  expect(await failingSince()).toBeNull();
  close();
  await open.close();
  await world.close();
});

it('a delivery that was given up while its request was unanswered is delivered all the same', async () => {
  const world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  const { direct } = world.core.database;
  const open = openEvents(world);
  let unanswered: ServerResponse | undefined;
  const { id, close } = await dueTo(world, open, {
    events: 1,
    answer: (_request, response) => (unanswered = response),
  });
  const ended = new Pump(open, id, idle).run();
  await expect.poll(() => unanswered).toBeDefined();
  await deleteSubscription(open, direct, world.tenantId, id);
  const [row] = await open.deliveries.page(direct, world.tenantId, { limit: 10 });
  expect(row).toMatchObject({ status: 'dead', attempts: 0 });
  unanswered!.writeHead(204).end();
  await ended;
  const [after] = await open.deliveries.page(direct, world.tenantId, { limit: 10 });
  expect(after).toMatchObject({ status: 'delivered', attempts: 1, lastStatus: 204, lastError: null });
  close();
  await open.close();
  await world.close();
});
