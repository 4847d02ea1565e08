import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { Database, createDataSource } from './database.js';
import { EventStore } from './stores/event.store.js';
import { OutboxStore } from './stores/outbox.store.js';
import { TenantStore } from './stores/tenant.store.js';

let server: TestDatabase;
let database: Database;
beforeAll(async () => {
  server = await createTestDatabase();
  database = new Database(await createDataSource(server.url, 2).initialize());
});
afterAll(async () => {
  await database.source.destroy();
  await server.drop();
});

it('counts the events of a lane per tenant, so that no gap reveals another tenant', async () => {
  const [events, tenants] = [new EventStore(), new TenantStore()];
  const tx = database.direct;
  const [one, other] = [await tenants.ensure(tx, 'one', 'One'), await tenants.ensure(tx, 'other', 'Other')];
  for (const state of ['saturated', 'recovered'])
    for (const { id: tenantId } of [one, other])
      await events.append(tx, {
        tenantId,
        connectionId: null,
        type: `lane.${state}`,
        resourceType: 'lane',
        resourceId: 'lan_1',
        data: { state },
      });
  for (const { id } of [one, other]) {
    const told = await new OutboxStore().page(tx, id, { limit: 10 });
    expect(told.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['lane.recovered', 2],
      ['lane.saturated', 1],
    ]);
  }
});
