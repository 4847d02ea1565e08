import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld } from '../../../test/support/world.js';
import type { World } from '../../../test/support/world.js';
import { fanOut } from './fan-out.js';
import { createSubscription, deleteSubscription, openEvents, rotateSecret } from './index.js';
import type { EventCore } from './index.js';

describe('subscriptions', () => {
  let world: World;
  let events: EventCore;

  beforeAll(async () => {
    world = await startWorld();
    events = openEvents(world);
  });
  afterAll(async () => {
    await events.close();
    await world.close();
  });

  it('can be created concurrently: none waits for a second connection while it holds one', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `queue-${at}`);
    const made = await Promise.all(
      names.map(name =>
        world.core.database.transaction(tx =>
          createSubscription(events, tx, world.tenantId, {
            target: { type: 'queue', name },
            events: ['purchase.*'],
          }),
        ),
      ),
    );

    expect(made.map(({ target }) => target.name)).toEqual(names);
    expect(made.every(({ queue }) => queue !== undefined)).toBe(true);
  });

  it('wait at creation for event transactions in progress, and get every later event; earlier ones are not delivered', async () => {
    const { core, tenantId } = world;
    const told = (id: string) => ({
      tenantId,
      connectionId: null,
      type: 'lane.paused',
      resourceType: 'lane',
      resourceId: id,
      data: { state: 'paused' },
    });
    const open = async (id: string) => {
      const [row] = await core.database.direct.query(
        'select fanned_out_at is null as open from events where resource_id = $1',
        [id],
      );
      return row.open as boolean;
    };
    await core.database.direct.query(`update subscriptions set state = 'deleted'`);
    await core.database.transaction(tx => core.stores.events.append(tx, told('before')));
    expect(await open('before')).toBe(false);

    let end!: () => void;
    const ended = new Promise<void>(resolve => (end = resolve));
    let begun!: () => void;
    const beginning = new Promise<void>(resolve => (begun = resolve));
    const meanwhile = core.database.transaction(async tx => {
      await core.stores.events.append(tx, told('meanwhile'));
      begun();
      await ended;
    });
    await beginning;
    let stands = false;
    const made = core.database
      .transaction(tx =>
        createSubscription(events, tx, tenantId, { target: { type: 'queue', name: 'late' }, events: ['*'] }),
      )
      .then(() => (stands = true));
    // It waits for the event's transaction, which did not see it.
    await expect
      .poll(
        async () =>
          (
            await core.database.direct.query(
              'select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
            )
          ).length,
      )
      .toBe(1);
    expect(stands).toBe(false);
    end();
    await Promise.all([meanwhile, made]);
    await core.database.transaction(tx => core.stores.events.append(tx, told('after')));
    expect(await open('after')).toBe(true);
  });

  it('get no new secret when deleted concurrently', async () => {
    const { direct } = world.core.database;
    const url = 'https://shop.example/hooks';
    const { id } = await createSubscription(events, direct, world.tenantId, {
      target: { type: 'webhook', url },
      events: ['*'],
    });
    const { subscriptions } = events;
    const find = subscriptions.find.bind(subscriptions);
    const deletedMeanwhile = Object.assign(Object.create(subscriptions) as typeof subscriptions, {
      find: async (...asked: Parameters<typeof find>) => {
        const found = await find(...asked);
        await deleteSubscription(events, direct, world.tenantId, id);
        return found;
      },
    });
    const rotation = rotateSecret({ ...events, subscriptions: deletedMeanwhile }, direct, world.tenantId, id);
    await expect(rotation).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are no more than a hundred, however many are made at once', async () => {
    const { database } = world.core;
    await database.direct.query(`update subscriptions set state = 'deleted'`);
    const make = (at: number) =>
      database.transaction(tx =>
        createSubscription(events, tx, world.tenantId, {
          target: { type: 'queue', name: `crowd-${at}` },
          events: ['purchase.*'],
        }),
      );
    for (let at = 0; at < 98; at++) await make(at);
    const last = await Promise.allSettled([98, 99, 100, 101, 102, 103].map(make));
    expect(last.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await events.subscriptions.count(database.direct, world.tenantId)).toBe(100);
  });

  it('get their turn by how long something has been due to them', async () => {
    const { database, stores } = world.core;
    await database.direct.query(`update subscriptions set state = 'deleted'`);
    const made = [];
    for (const name of ['a', 'b', 'c'])
      made.push(
        await createSubscription(events, database.direct, world.tenantId, {
          target: { type: 'queue', name },
          events: ['*'],
        }),
      );
    await stores.events.append(database.direct, {
      tenantId: world.tenantId,
      connectionId: null,
      type: 'lane.paused',
      resourceType: 'lane',
      resourceId: 'turns',
      data: { state: 'paused' },
    });
    await fanOut(events);
    const [first, second, third] = made.map(({ id }) => id);
    const due = (id: string | undefined, minutes: number) =>
      database.direct.query(
        `update deliveries set next_at = now() - $2 * interval '1 minute' where subscription_id = $1`,
        [id, minutes],
      );
    await due(first, 2);
    await due(second, 3);
    await due(third, 1);
    expect(await events.subscriptions.neglected(database.direct, 2)).toEqual([second, first]);
  });
});
