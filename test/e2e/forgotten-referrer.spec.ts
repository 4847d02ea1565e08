import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { conversionKind, customerKind, forgetCustomer, leadKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let recca: OpenConnection;
let ivan: string;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['recca'] } });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.control('reset', { provider: 'recca' });
  recca = await world.connect('recca');
  const body = { externalId: 'mysite:vk:12345' };
  ivan = ((await world.write(customerKind, recca, { body })).body as { id: string }).id;
});

async function forget(): Promise<void> {
  const { tenantId, core } = world;
  const customer = (await core.stores.customers.find(core.database.direct, tenantId, ivan))!;
  const line = { tenantId, actor: 'key_1', action: 'customer.forgotten', subject: ivan, detail: {} };
  await forgetCustomer(core, customer, line);
}
const handOver = () =>
  world.write(leadKind, recca, { body: { referrerCustomerId: ivan, contact: { name: 'Мария' } } });
const waiting = () =>
  world.core.database.direct.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );

it('a lead of somebody who is forgotten at that moment waits, and is refused', async () => {
  const { customers } = world.core.stores;
  const erase = customers.erase.bind(customers);
  let lead: Promise<unknown> | undefined;
  // Between what was found open and the deletion.
  vi.spyOn(customers, 'erase').mockImplementationOnce(async (...asked) => {
    lead = handOver().catch(error => error);
    await expect.poll(waiting).toHaveLength(1);
    return erase(...asked);
  });
  await forget();
  expect(await lead).toMatchObject({ code: 'not-found' });
  const sent = await world.journal('recca');
  expect(sent.filter(({ path }) => path.includes('lead'))).toEqual([]);
});

it('a sale to the lead of somebody who was forgotten is registered with nobody’s name', async () => {
  const { id: leadId } = (await handOver()).body as { id: string };
  await forget();
  const body = { leadId, amount: { amount: '100.00', currency: 'RUB' }, merchantReference: 'order-1' };
  const { status, operationId } = await world.write(conversionKind, recca, { body });
  expect(status).toBe(201);
  const { records } = world.core.stores;
  expect(await records.byOperation(world.core.database.direct, operationId!)).toMatchObject({
    customerId: null,
  });
});
