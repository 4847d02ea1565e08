import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { execute, purchaseKind } from '#outbound';
import { startGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['uds', 'loyalclient'] } });
});
afterAll(() => world.close());

const sale = (merchantReference: string, identifier: { type: string; value: string }) => ({
  identifier,
  merchantReference,
  receipt: { total: { amount: '100.00', currency: 'RUB' } },
});
const operation = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const move = (id: string, state: 'paused' | 'callable') =>
  world.core.stores.connections.update(world.core.database.direct, id, { state });

it('a sale whose connection is paused while it stands in the lane is not sent before it is resumed', async () => {
  const connection = await world.connect('uds');
  const body = sale('stood', { type: 'phone', value: '+79031234567' });
  const { operationId } = await world.write(purchaseKind, connection, { body, waitMs: 0 });
  const known = { operation: await operation(operationId!), connection };
  await move(connection.id, 'paused');
  await execute(world.core, operationId!, { laneBudgetMs: 20_000, known });
  expect(await world.effects('uds')).toEqual([]);
  expect(await operation(operationId!)).toMatchObject({ state: 'queued', outcome: 'not-executed' });

  await move(connection.id, 'callable');
  await execute(world.core, operationId!, { laneBudgetMs: 20_000 });
  expect(await operation(operationId!)).toMatchObject({ state: 'succeeded' });
});

it('nor one that is paused between its look-up and its sale', async () => {
  const connection = await world.connect('loyalclient');
  const body = sale('looked', { type: 'card', value: '2000000000024' });
  const { operationId } = await world.write(purchaseKind, connection, { body, waitMs: 0 });
  const { operations } = world.core.stores;
  const { direct } = world.core.database;
  const lease = { owner: 'me', leaseMs: 60_000 };
  const taken = await operations.claim(direct, await operation(operationId!), lease);
  if (!('claim' in taken)) throw new Error(taken.blocked);
  await move(connection.id, 'paused');
  expect(await operations.markWrite(direct, taken.claim, 60_000, {})).toEqual({ blocked: 'late' });
  expect(await operation(operationId!)).toMatchObject({ state: 'dispatching', writeSent: false });
  await move(connection.id, 'callable');
  expect(await operations.markWrite(direct, taken.claim, 60_000, {})).toEqual({ claim: taken.claim });
});

it('a sale that was put off while its connection was paused is due as soon as that is resumed', async () => {
  const gateway = await startGateway(world);
  const connection = await world.connect('uds');
  const told = async (deed: 'pause' | 'resume') =>
    (await gateway.ask({ method: 'POST', path: `/v1/connections/${connection.id}/${deed}` })).status;
  const body = sale('put-off', { type: 'phone', value: '+79031234567' });
  const { operationId } = await world.write(purchaseKind, connection, { body, waitMs: 0 });
  expect(await told('pause')).toBe(200);
  await execute(world.core, operationId!, { laneBudgetMs: 20_000 });
  const { lane } = await operation(operationId!);
  const { backlog } = world.core.stores;
  const due = () => backlog.next(world.core.database.direct, lane, 10, []);
  const asked = vi.spyOn(world.core.jobs, 'ensurePump');

  expect(await told('resume')).toBe(200);
  expect(asked).toHaveBeenCalledWith(lane);
  expect(await due()).toMatchObject([{ id: operationId }]);
  asked.mockRestore();
  await gateway.close();
});
