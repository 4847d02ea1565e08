import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, LookupBy, Supported } from '#adapter-kit';
import { registry } from '#adapters';
import { identifierTypes, operations } from '#canonical';
import type { OperationKind } from '#canonical';
import type { OpenConnection } from '#outbound';
import type { Ask, TestGateway, Told } from '../../support/gateway.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';
import { leastAsks } from './least-asks.js';
import type { Named } from './least-asks.js';

/** An unsupported capability: provider, settings and reason, from the registry. */
interface No {
  provider: string;
  capability: string;
  settings: Record<string, unknown>;
  reason: string;
  ask: (named: Named) => Ask;
}

const adapters: Adapter[] = Object.values(registry).map(({ adapter }) => adapter);
const kinds = Object.keys(operations) as OperationKind[];

/** Why a provider cannot do this with these settings; undefined = it can. */
function reasonOf({ operations: answers }: Adapter, kind: OperationKind, settings: object) {
  const answer = answers[kind];
  if (answer.support !== 'no') return answer.traits.unless?.(settings);
  return answer.alternative ? `${answer.reason} Instead: ${answer.alternative}` : answer.reason;
}

const noesOf = (adapter: Adapter, settings: Record<string, unknown>): No[] =>
  kinds.flatMap(kind => {
    const reason = reasonOf(adapter, kind, settings);
    if (reason === undefined) return [];
    const { capability } = operations[kind];
    return [{ provider: adapter.name, capability, settings, reason, ask: leastAsks[kind] }];
  });

const usual = adapters.flatMap(adapter => noesOf(adapter, {}));
const isUsual = (no: No) =>
  usual.some(each => each.provider === no.provider && each.capability === no.capability);
// Disabled by settings only.
const documentedOnly = adapters
  .flatMap(adapter => noesOf(adapter, { undocumentedCalls: false }))
  .filter(no => !isUsual(no));

const lookups: No[] = adapters.flatMap(({ name: provider, operations: { lookupCustomer } }) => {
  if (lookupCustomer.support === 'no') return [];
  const { by } = (lookupCustomer as Supported<'lookupCustomer'>).traits as { by: LookupBy };
  return identifierTypes.flatMap(type => {
    const reason = by[type];
    if (reason === true) return [];
    const value = type === 'phone' ? '+79990000001' : '1';
    const ask = (): Ask => ({
      method: 'POST',
      path: '/v1/customers/lookup',
      body: { identifier: { type, value } },
    });
    return [{ provider, capability: `customer.lookup.${type}`, settings: {}, reason, ask }];
  });
});

const extensionsOff: No[] = adapters.flatMap(({ name: provider, extensions = {} }) =>
  Object.entries(extensions).flatMap(([call, { method, path, unless }]) => {
    const settings = { undocumentedCalls: false };
    const reason = unless?.(settings);
    if (reason === undefined) return [];
    const ask = (): Ask => ({ method, path: `/v1/x/${provider}/${path.replace(/\{\w+\}/g, '1')}` });
    return [{ provider, capability: `x.${provider}.${call}`, settings, reason, ask }];
  }),
);

let stack: Stack;
let world: World;
let gateway: TestGateway;

beforeAll(async () => {
  stack = await startStack({ workers: true });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());

const sql = (text: string, parameters: unknown[]) => world.core.database.source.query(text, parameters);

/** Inserts a customer, a purchase and a hold at a connection that cannot create them. */
async function planted(connection: OpenConnection): Promise<Named> {
  const { core, tenantId } = world;
  const owner = { tenantId, connectionId: connection.id };
  const refs = { uid: 'u-1' };
  const customerId = await core.database.transaction(tx => core.stores.customers.upsert(tx, owner, refs));
  const till = await world.connect('loyalclient');
  const ask = async (path: string, body: object): Promise<string> => {
    const headers = { 'gateway-connection': till.id, 'idempotency-key': randomUUID(), prefer: 'wait=20' };
    const told = await gateway.ask({ method: 'POST', path, body, headers });
    expect(told.status).toBe(201);
    return told.body.id;
  };
  const who = { identifier: { type: 'code', value: '007007' } };
  const sale = {
    ...who,
    merchantReference: 'order-0',
    receipt: { total: { amount: '9.00', currency: 'RUB' } },
  };
  const purchaseId = await ask('/v1/purchases', sale);
  const holdId = await ask('/v1/holds', { ...who, points: '1' });
  await sql('update purchases set connection_id = $1 where id = $2', [connection.id, purchaseId]);
  await sql('update holds set connection_id = $1 where id = $2', [connection.id, holdId]);
  return { customerId, purchaseId, holdId };
}

interface Stage {
  connection: OpenConnection;
  named: Named;
}

const stages = new Map<string, Promise<Stage>>();

/** One connection per provider and settings, with ids for requests. */
function stageOf(provider: string, settings: Record<string, unknown>): Promise<Stage> {
  const key = JSON.stringify([provider, settings]);
  const make = async (): Promise<Stage> => {
    const connection = await world.connect(provider, settings);
    return { connection, named: await planted(connection) };
  };
  const stage = stages.get(key) ?? make();
  stages.set(key, stage);
  return stage;
}

const stored = async () => {
  const [row] = await sql(
    'select (select count(*) from operations) as operations, (select count(*) from idempotency_keys) as keys',
    [],
  );
  return row as { operations: string; keys: string };
};

/** Sends an unsupported request; returns the answer, the provider calls and the new rows. */
async function refused({ provider, settings, ask }: No): Promise<{ told: Told; sent: unknown[] }> {
  const { connection, named } = await stageOf(provider, settings);
  await world.control('reset', {});
  const before = await stored();
  const headers = { 'gateway-connection': connection.id, 'idempotency-key': randomUUID() };
  const told = await gateway.ask({ ...ask(named), headers });
  expect(await stored()).toEqual(before);
  return { told, sent: await world.journal(provider) };
}

const saysNo = async (no: No) => {
  const { told, sent } = await refused(no);
  expect(told).toMatchObject({
    status: 501,
    body: {
      code: 'capability-not-supported',
      capability: no.capability,
      detail: no.reason,
      outcome: 'not-executed',
      retryable: false,
    },
  });
  expect(told.headers['content-type']).toContain('application/problem+json');
  expect(sent).toEqual([]);
};

// If the provider cannot look up one customer, stored data is returned, marked stale.
const isRead = ({ capability }: No) => capability === operations.getCustomer.capability;

describe('an unsupported request is refused with its reason, unsent and unstored', () => {
  it.each(usual.filter(no => !isRead(no)))('$provider: $capability', saysNo);
  it.each([...documentedOnly, ...extensionsOff])('$provider without undocumented calls: $capability', saysNo);
  it.each(lookups)('$provider: $capability', saysNo);

  it.each(usual.filter(isRead))('$provider: $capability is answered from stored data', async no => {
    const { told, sent } = await refused(no);
    expect(told).toMatchObject({ status: 200, body: { providerRefs: { uid: 'u-1' }, stale: true } });
    expect(sent).toEqual([]);
  });

  it('matches GET /v1/providers', async () => {
    const { body } = await gateway.ask({ path: '/v1/providers' });
    const told = body.data.flatMap(({ name, capabilities }: any) =>
      Object.entries<any>(capabilities)
        .filter(([, { supported }]) => !supported)
        .map(([capability, { reason }]) => [name, capability, reason]),
    );
    expect(told).toEqual(usual.map(({ provider, capability, reason }) => [provider, capability, reason]));
  });
});
