import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let uds: OpenConnection;
beforeAll(async () => {
  stack = await startStack({ sandbox: { only: ['uds'] } });
  ({ world, gateway } = stack);
});
beforeEach(async () => {
  uds = await world.connect('uds');
});
afterAll(() => stack.close());

const ask = (method: 'DELETE' | 'PATCH' | 'POST', path = '', body?: object) =>
  gateway.ask({ method, path: `/v1/connections/${uds.id}${path}`, ...(body && { body }) });
const stored = async () => (await world.core.stores.connections.byId(world.core.database.direct, uds.id))!;

/** Rotates the credentials; `meanwhile` happens while the provider is asked whether the new ones are good. */
async function rotate(meanwhile: () => Promise<unknown>) {
  const { send } = world.core;
  const once = { ...send, send: send.send.bind(send) };
  world.core.send = {
    ...once,
    send: async outgoing => {
      world.core.send = send;
      await meanwhile();
      return once.send(outgoing);
    },
  };
  const credentials = { companyId: '549755813888', apiKey: 'demo-uds-key' };
  return ask('POST', '/credentials', { credentials });
}

it('gives a connection that is deleted meanwhile no credentials again', async () => {
  const { status } = await rotate(() => ask('DELETE'));
  expect(status).toBe(404);
  expect(await stored()).toMatchObject({ credentials: null, dataKey: null, state: 'invalid' });
});

it('leaves a connection paused that is paused meanwhile', async () => {
  const { status, body } = await rotate(() => ask('POST', '/pause'));
  expect({ status, state: body.state }).toEqual({ status: 200, state: 'paused' });
});

it('changes nothing where the address is changed meanwhile: its lane would be nobody’s', async () => {
  const before = await stored();
  const { status, body } = await rotate(() => ask('PATCH', '', { baseUrl: `${before.baseUrl}/other` }));
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'state-conflict' });
  expect((await stored()).credentials).toEqual(before.credentials);
});
