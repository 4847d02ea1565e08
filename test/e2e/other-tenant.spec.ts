import { afterAll, beforeAll, expect, it } from 'vitest';
import { consentKind, customerKind, kinds } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let recca: OpenConnection;
let customerId: string;

beforeAll(async () => {
  stack = await startStack({ sandbox: { only: ['recca'] } });
  ({ world, gateway } = stack);
  recca = await world.connect('recca');
  const made = await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } });
  customerId = (made.body as { id: string }).id;
});
afterAll(() => stack.close());

const change = (settings: object) =>
  gateway.ask({
    method: 'PATCH',
    path: `/v1/connections/${recca.id}`,
    body: { settings: { tenant: recca.settings.tenant, origin: recca.settings.origin, ...settings } },
  });

it('a connection is not moved to another tenant while only its own can tell what became of a write', async () => {
  await world.control('faults', {
    provider: 'recca',
    method: 'POST',
    fault: 'reset-before-reading',
    count: 1,
  });
  const body = { referrerCustomerId: customerId, contact: { name: 'Ivan' } };
  const { operationId } = await world.attempt(kinds.createLead, recca, { body });
  const state = async () =>
    (await world.core.stores.operations.byId(world.core.database.direct, operationId!))!.state;
  expect(await state()).toBe('unknown');
  expect(await change({ tenant: 'another' })).toMatchObject({
    status: 409,
    body: { code: 'state-conflict', detail: expect.stringContaining(': 1. ') },
  });
  expect((await change({ clientId: 'another-popup' })).status).toBe(200);
  const path = `/v1/operations/${operationId}/resolve`;
  const headers = { 'idempotency-key': 'a-person-has-looked' };
  const resolution = { outcome: 'not-executed', note: 'looked' };
  expect((await gateway.ask({ method: 'POST', path, headers, body: resolution })).status).toBe(200);
  expect((await change({ tenant: 'another' })).status).toBe(200);
  expect((await change({})).status).toBe(200);
});

it('a connection that is moved to another tenant loses the consents that were given to the first', async () => {
  const session = (await world.write(consentKind, recca, { body: { customerId } })).body as { id: string };
  const { direct } = world.core.database;
  await direct.query(`update records set sealed = '\\x00' where id = $1`, [session.id]);
  const sealed = async () =>
    (await direct.query('select sealed from records where id = $1', [session.id]))[0];
  expect((await change({ clientId: 'another-popup' })).status).toBe(200);
  expect(await sealed()).not.toEqual({ sealed: null });
  expect((await change({ tenant: 'another' })).status).toBe(200);
  expect(await sealed()).toEqual({ sealed: null });
});
