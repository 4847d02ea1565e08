import { createSubscription, openEvents } from '#events';
import type { EventCore } from '#events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../../../test/support/gateway.js';
import type { TestGateway } from '../../../../test/support/gateway.js';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';

describe('without its audit line', () => {
  let world: World;
  let gateway: TestGateway;
  let events: EventCore;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
    gateway = await startGateway(world);
    events = openEvents(world);
    await world.core.database.source.query(`
      create function no_audit() returns trigger language plpgsql as $$ begin raise 'no room for a line'; end $$;
      create trigger no_audit before insert on audit_log for each row execute function no_audit()`);
  });
  afterAll(async () => {
    await events.close();
    await gateway.close();
    await world.close();
  });

  it('a delivery is not sent again', async () => {
    const { direct } = world.core.database;
    const made = await createSubscription(events, direct, world.tenantId, {
      target: { type: 'queue', name: 'shop' },
      events: ['*'],
    });
    const id = await events.outbox.insertTest(
      direct,
      { id: made.id, tenantId: world.tenantId },
      'purchase.succeeded',
    );
    const before = await events.deliveries.find(direct, world.tenantId, id);

    const told = await gateway.ask({ method: 'POST', path: `/v1/deliveries/${id}/replay`, body: {} });

    expect(told.status).toBe(500);
    expect(await events.deliveries.find(direct, world.tenantId, id)).toEqual(before);
  });

  it('a customer is not erased', async () => {
    const uds = await world.connect('uds');
    const { direct } = world.core.database;
    const owner = { tenantId: world.tenantId, connectionId: uds.id };
    const id = await world.core.stores.customers.upsert(direct, owner, { uid: 'anna' });

    const told = await gateway.ask({ method: 'DELETE', path: `/v1/customers/${id}` });

    expect(told.status).toBe(500);
    expect(await world.core.stores.customers.find(direct, world.tenantId, id)).toMatchObject({
      refs: { uid: 'anna' },
    });
  });
});
