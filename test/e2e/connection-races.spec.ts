import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { purchaseKind, reconcile, refundKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let uds: OpenConnection;
let aheadMs = 0;
beforeAll(async () => {
  stack = await startStack({
    sandbox: { only: ['uds'] },
    now: () => new Date(Date.now() + aheadMs),
  });
  ({ world, gateway } = stack);
});
beforeEach(async () => {
  uds = await world.connect('uds');
});
afterAll(() => stack.close());

const ask = (method: 'DELETE' | 'PATCH' | 'POST', path = '', body?: object) =>
  gateway.ask({ method, path: `/v1/connections/${uds.id}${path}`, ...(body && { body }) });
const stored = async () => (await world.core.stores.connections.byId(world.core.database.direct, uds.id))!;

/** Runs `meanwhile` while the next call, with these headers, is at the provider. */
function during(meanwhile: () => Promise<unknown>, headers: Record<string, string> = {}): void {
  const { send } = world.core;
  const once = { ...send, send: send.send.bind(send) };
  world.core.send = {
    ...once,
    send: async outgoing => {
      world.core.send = send;
      await meanwhile();
      return once.send({ ...outgoing, headers: { ...outgoing.headers, ...headers } });
    },
  };
}

/** Rotates the credentials; runs `meanwhile` while the provider checks the new ones. */
async function rotate(meanwhile: () => Promise<unknown>) {
  during(meanwhile);
  const credentials = { companyId: '549755813888', apiKey: 'demo-uds-key' };
  return ask('POST', '/credentials', { credentials });
}

it('does not restore the credentials of a connection deleted meanwhile', async () => {
  const { status } = await rotate(() => ask('DELETE'));
  expect(status).toBe(404);
  expect(await stored()).toMatchObject({ credentials: null, dataKey: null, state: 'invalid' });
});

it('keeps a connection paused that is paused meanwhile', async () => {
  const { status, body } = await rotate(() => ask('POST', '/pause'));
  expect({ status, state: body.state }).toEqual({ status: 200, state: 'paused' });
});

it('keeps a connection paused that was in trouble before, and is paused while its key is replaced', async () => {
  await world.core.database.direct.query(`update connections set state = 'degraded' where id = $1`, [uds.id]);
  const restore = acceptAnyKey();
  during(() => ask('POST', '/pause'));
  const { status, body } = await ask('POST', '/credentials', credentialsOf('549755813888'));
  restore();
  expect({ status, state: body.state }).toEqual({ status: 200, state: 'paused' });
  expect((await stored()).state).toBe('paused');
});

/** Looks a customer up with a key that the provider refuses; runs `meanwhile` before its answer. */
async function lookUpRefused(meanwhile: () => Promise<unknown>): Promise<void> {
  during(meanwhile, { Authorization: 'Basic b2xkOm9sZA==' });
  const told = await gateway.ask({
    method: 'POST',
    path: '/v1/customers/lookup',
    headers: { 'gateway-connection': uds.id },
    body: { identifier: { type: 'code', value: '123456' } },
  });
  expect(told.body.code).toBe('connection-credentials-invalid');
  expect(await world.core.background.drain(10_000)).toBe(0);
}

it('stays paused although a call that was on its way finds its key refused', async () => {
  await lookUpRefused(() => ask('POST', '/pause'));
  expect((await stored()).state).toBe('paused');
});

it('is not found invalid by the refusal of a key that was replaced meanwhile', async () => {
  const credentials = { companyId: '549755813888', apiKey: 'demo-uds-key' };
  await lookUpRefused(async () => {
    expect((await ask('POST', '/credentials', { credentials })).status).toBe(200);
  });
  expect((await stored()).state).toBe('callable');
});

it('does not overwrite a newer check with an older one', async () => {
  during(async () => {
    aheadMs += 1_000;
    expect((await ask('POST', '/check')).body.lastCheck.result).toBe('passed');
    await world.control('faults', { provider: 'uds', method: 'GET', fault: '500-without-commit', count: 1 });
  });
  expect((await ask('POST', '/check')).body.lastCheck.result).toBe('passed');
  expect((await stored()).lastCheck).toMatchObject({ result: 'passed' });
});

it('does not record a check of the old credentials for the new ones', async () => {
  const credentials = { companyId: '549755813888', apiKey: 'of-another-host' };
  during(() => ask('PATCH', '', { baseUrl: 'http://127.0.0.1:1', credentials }));
  expect((await ask('POST', '/check')).body).not.toHaveProperty('lastCheck');
});

it('changes nothing if the address is changed meanwhile, since its lane would be wrong', async () => {
  const before = await stored();
  const { status, body } = await rotate(() => ask('PATCH', '', { baseUrl: `${before.baseUrl}/other` }));
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'state-conflict' });
  expect((await stored()).credentials).toEqual(before.credentials);
});

/** A sale with a lost answer, or a queued one; no worker processes either. */
async function sale(fault: boolean, waitMs = fault ? 1_500 : 0) {
  if (fault) {
    const broken = { provider: 'uds', method: 'POST', pathPattern: 'operations' };
    await world.control('faults', { ...broken, fault: 'commit-then-reset', count: 1 });
  }
  const body = {
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference: fault ? 'sent' : 'not-sent',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const { operationId } = await world.write(purchaseKind, uds, { body, waitMs });
  return async () => (await world.core.stores.operations.byId(world.core.database.direct, operationId!))!;
}

const credentialsOf = (companyId: string) => ({ credentials: { companyId, apiKey: 'another' } });

/** The sandbox knows one company: until restored, it is shown that one's proof. */
function acceptAnyKey(): () => void {
  const { send } = world.core;
  const proof = `Basic ${Buffer.from('549755813888:demo-uds-key').toString('base64')}`;
  world.core.send = {
    ...send,
    send: asked => send.send({ ...asked, headers: { ...asked.headers, Authorization: proof } }),
  };
  return () => (world.core.send = send);
}

it('is neither deleted nor moved while a sale is unknown', async () => {
  const lost = await sale(true);
  await expect.poll(async () => (await lost()).state).toBe('unknown');
  const credentials = { companyId: '549755813888', apiKey: 'of-another-host' };
  for (const asked of [ask('DELETE'), ask('PATCH', '', { baseUrl: 'http://127.0.0.1:1', credentials })])
    expect(await asked).toMatchObject({
      status: 409,
      body: { code: 'state-conflict', detail: expect.stringContaining(': 1. ') },
    });
  expect((await stored()).credentials).not.toBeNull();
  await reconcile(world.core, (await lost()).id);
  expect(await lost()).toMatchObject({ state: 'succeeded' });
  expect((await ask('DELETE')).status).toBe(204);
});

it.each([true, false])(
  'sends nothing to the host that it was moved away from while a sale stood in its lane (with a free start: %s)',
  async free => {
    const { lanes, database } = world.core;
    const elsewhere = `update connections set base_url = 'http://127.0.0.1:1', lane = 'elsewhere' where id = $1`;
    const enter = vi.spyOn(lanes, 'enter').mockImplementation(async (...asked) => {
      if (!free && asked[2] === 0) return { granted: false, retryAfterMs: 0 };
      enter.mockRestore();
      const start = await lanes.enter(...asked);
      await database.direct.query(elsewhere, [uds.id]);
      return start;
    });
    const before = (await world.effects('uds')).length;
    const waiting = await sale(false, 1_500);
    expect((await stored()).lane).toBe('elsewhere');
    expect(await world.effects('uds')).toHaveLength(before);
    expect(await waiting()).toMatchObject({ state: 'queued', writeSent: false });
  },
);

it('sells with its new key what stood in its lane while the key was rotated, as long as the till waits', async () => {
  const { lanes, database } = world.core;
  const enter = vi.spyOn(lanes, 'enter').mockImplementation(async (...asked) => {
    if (asked[2] === 0) return { granted: false, retryAfterMs: 0 };
    enter.mockRestore();
    const start = await lanes.enter(...asked);
    await database.direct.query(`update connections set lane = 'rotated' where id = $1`, [uds.id]);
    return start;
  });
  expect(await (await sale(false, 10_000))()).toMatchObject({ state: 'succeeded' });
});

it('gets no credentials of another company while only its own can tell what became of a sale', async () => {
  const lost = await sale(true);
  await expect.poll(async () => (await lost()).state).toBe('unknown');
  const restore = acceptAnyKey();
  expect(await ask('POST', '/credentials', credentialsOf('549755813999'))).toMatchObject({
    status: 409,
    body: { code: 'state-conflict', detail: expect.stringContaining(': 1. ') },
  });
  expect((await ask('POST', '/credentials', credentialsOf('549755813888'))).status).toBe(200);
  restore();
});

it('keeps a refund behind an unknown one of its sale after the key was rotated', async () => {
  const body = {
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference: 'rotated',
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const sold = await world.write(purchaseKind, uds, { body });
  const params = { purchaseId: (sold.body as { id: string }).id };
  const giveBack = async (merchantReference: string) => {
    const back = { merchantReference, amount: { amount: '30.00', currency: 'RUB' } };
    const { operationId } = await world.attempt(refundKind, uds, { body: back, params });
    return (await world.core.stores.operations.byId(world.core.database.direct, operationId!))!.state;
  };
  const lost = {
    provider: 'uds',
    method: 'POST',
    pathPattern: 'refund',
    fault: 'commit-then-reset',
    count: 1,
  };
  await world.control('faults', lost);
  expect(await giveBack('back-1')).toBe('unknown');

  const restore = acceptAnyKey();
  const { lane } = await stored();
  expect((await ask('POST', '/credentials', credentialsOf('549755813888'))).status).toBe(200);
  expect((await stored()).lane).not.toBe(lane);
  uds = await world.reopen(uds);
  expect(await giveBack('back-2')).toBe('queued');
  restore();
});

it.each(['of its own, in a lane it had before', 'of another connection with the same key'])(
  'keeps its key while an unknown operation would meet its like: one %s',
  async whose => {
    const { database, stores } = world.core;
    const lost = await sale(true);
    await expect.poll(async () => (await lost()).state).toBe('unknown');
    const restore = acceptAnyKey();
    const first = uds;
    uds = await world.connect('uds');
    if (whose.startsWith('of its own')) {
      const given = `update operations set connection_id = $1, merchant_reference = null where id = $2`;
      await database.direct.query(given, [uds.id, (await lost()).id]);
    } else {
      uds = first;
      expect((await ask('POST', '/credentials', credentialsOf('549755813888'))).status).toBe(200);
      uds = await world.connect('uds');
    }
    restore();
    const like = await sale(true);
    await expect.poll(async () => (await like()).state).toBe('unknown');
    const both = [(await lost()).id, (await like()).id];
    const alike = 'update operations set serial_key = $2 where id = any($1)';
    await database.direct.query(alike, [both, `payout ${whose}`]);

    const again = acceptAnyKey();
    const before = await stored();
    expect(await ask('POST', '/credentials', credentialsOf('549755813888'))).toMatchObject({
      status: 409,
      body: { code: 'state-conflict', detail: expect.stringContaining(`connectionId=${uds.id}`) },
    });
    expect((await stored()).credentials).toEqual(before.credentials);
    expect((await like()).lane).toBe(before.lane);
    const by = { owner: 'me', leaseMs: 0 };
    const claim = (await stores.operations.claimUnknown(database.direct, (await like()).id, by))!;
    const ended = { state: 'rejected', outcome: 'not-executed', evidence: 'none' } as const;
    await stores.operations.settle(database.direct, claim, ended);
    expect((await ask('POST', '/credentials', credentialsOf('549755813888'))).status).toBe(200);
    again();
  },
);

it('is deleted with its unsent operations', async () => {
  const waiting = await sale(false);
  expect(await waiting()).toMatchObject({ state: 'queued' });
  expect((await ask('DELETE')).status).toBe(204);
});
