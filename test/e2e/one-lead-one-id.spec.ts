import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { conversionKind, customerKind, execute, leadKind, listLeads } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Conversion, Customer, Lead } from '#canonical';
import { eventsOf } from '../support/events-of.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const contact = { name: 'Мария Канарейкина' };

let world: World;
let recca: OpenConnection;
let customerId: string;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['recca'] } });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.control('reset', { provider: 'recca', options: { repeatedContact: 'first' } });
  recca = await world.connect('recca');
  const { body } = await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } });
  customerId = (body as Customer).id;
});

const handOver = () => world.write(leadKind, recca, { body: { referrerCustomerId: customerId, contact } });
const listed = async () => {
  const { data } = await listLeads(world.core, recca, { limit: 25, customerId }, { waitMs: 15_000 });
  return data.filter(({ contactName }) => contactName === contact.name);
};
const resourceOf = async (operationId: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, operationId))!.resourceId;

it('a lead that a list showed before its answer came keeps the id of the list', async () => {
  const { send } = world.core;
  let shown: Lead | undefined;
  world.core.send = {
    ...send,
    send: async outgoing => {
      const answer = await send.send(outgoing);
      if (outgoing.url.endsWith('/federation/v1/leads')) {
        world.core.send = send;
        [shown] = await listed();
      }
      return answer;
    },
  };
  const { body, operationId } = await handOver();
  const lead = body as Lead;
  expect(lead).toMatchObject({ id: shown!.id, providerRef: shown!.providerRef, status: 'new', operationId });
  expect(await listed()).toMatchObject([{ id: lead.id, operationId }]);
  expect(await resourceOf(operationId!)).toBe(lead.id);
  expect((await eventsOf(world, lead.id)).map(({ type }) => type)).toEqual(['referral.lead.succeeded']);
  const sale = { leadId: lead.id, amount: { amount: '1.00', currency: 'RUB' }, merchantReference: 'order-1' };
  const sold = await world.write(conversionKind, recca, { body: sale });
  expect(sold).toMatchObject({ status: 201, body: { leadId: lead.id } as Partial<Conversion> });
});

it('a lead that Recca answers to two requests is one', async () => {
  const first = await handOver();
  const second = await handOver();
  expect(second).toMatchObject({ status: 201, body: { ...first.body, operationId: second.operationId } });
  expect(second.operationId).not.toBe(first.operationId);
  expect(await resourceOf(second.operationId!)).toBe((first.body as Lead).id);
  expect(await listed()).toMatchObject([{ id: (first.body as Lead).id, operationId: first.operationId }]);
});

it('the id that was told while a lead waited leads to the one that Recca answered', async () => {
  const first = (await handOver()).body as Lead;
  const body = { referrerCustomerId: customerId, contact };
  const { operationId } = await world.write(leadKind, recca, { body, waitMs: 0 });
  const told = await resourceOf(operationId!);
  await execute(world.core, operationId!, { laneBudgetMs: 15_000 });
  expect(told).not.toBe(await resourceOf(operationId!));
  const sale = { leadId: told, amount: { amount: '1.00', currency: 'RUB' }, merchantReference: 'order-2' };
  const sold = await world.write(conversionKind, recca, { body: sale });
  expect(sold).toMatchObject({ status: 201, body: { leadId: first.id } });
});
