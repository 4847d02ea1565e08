import { afterAll, beforeAll, expect, it } from 'vitest';
import { purchaseKind } from '#outbound';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;

beforeAll(async () => {
  stack = await startStack({ sandbox: { only: ['uds'] } });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());

const stateOf = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!.state;

/** A sale that stands at the provider, and whose answer was lost. */
async function lostSale(merchantReference: string): Promise<string> {
  const uds = await world.connect('uds');
  await world.control('faults', { provider: 'uds', method: 'POST', fault: 'commit-then-reset', count: 1 });
  const body = {
    identifier: { type: 'phone', value: '+79031234567' },
    merchantReference,
    receipt: { total: { amount: '100.00', currency: 'RUB' }, number: merchantReference },
  };
  const { operationId } = await world.attempt(purchaseKind, uds, { body });
  expect(await stateOf(operationId!)).toBe('unknown');
  return operationId!;
}

/** Holds every call back until it is released. */
function holdCalls(): () => void {
  const { send } = world.core;
  let release!: () => void;
  const released = new Promise<void>(resolve => {
    release = () => resolve();
  });
  world.core.send = {
    ...send,
    send: async outgoing => {
      await released;
      return send.send(outgoing);
    },
  };
  return () => {
    world.core.send = send;
    release();
  };
}

it('a decision while a probe runs is refused as one that may be repeated', async () => {
  const id = await lostSale('decided-meanwhile');
  const { stores, database } = world.core;
  await stores.operations.claimUnknown(database.direct, id, { owner: 'another', leaseMs: 60_000 }, [
    'unknown',
  ]);
  const told = await gateway.ask({
    method: 'POST',
    path: `/v1/operations/${id}/resolve`,
    body: { outcome: 'executed', note: 'Seen in the cabinet.' },
    headers: { prefer: 'wait=0', 'idempotency-key': 'decided-meanwhile' },
  });
  expect(told).toMatchObject({
    status: 409,
    headers: { 'retry-after': '5' },
    body: { code: 'state-conflict', retryable: true, userMessage: expect.stringMatching(/Try again/) },
  });
});

it.each(['wait=1', 'respond-async'])(
  'a reconciliation that a person asks for is answered within their wait, and looks on (%s)',
  async prefer => {
    const id = await lostSale(`asked-for-${prefer}`);
    const release = holdCalls();
    const path = `/v1/operations/${id}/reconcile`;
    const told = await gateway.ask({ method: 'POST', path, headers: { prefer } }).finally(release);
    expect(told).toMatchObject({ status: 200, body: { id, state: 'unknown', outcome: 'unknown' } });
    await expect.poll(() => stateOf(id)).toBe('succeeded');
  },
);

it('a reconciliation that is done within the wait is answered with what it found', async () => {
  const id = await lostSale('found-at-once');
  const headers = { prefer: 'wait=25' };
  const told = await gateway.ask({ method: 'POST', path: `/v1/operations/${id}/reconcile`, headers });
  expect(told).toMatchObject({ status: 200, body: { id, state: 'succeeded' } });
});

it('a check, and one of new credentials, end with the wait, and prove nothing of a provider that takes longer', async () => {
  const uds = await world.connect('uds');
  await world.control('faults', { provider: 'uds', fault: 'black-hole', count: 2 });
  const post = (path: string, body?: unknown) =>
    gateway.ask({
      method: 'POST',
      path: `/v1/connections/${uds.id}/${path}`,
      body,
      headers: { prefer: 'wait=3' },
    });
  const millisecondsIn = (text: string) => Number(/within (\d+) ms/.exec(text)?.[1]);

  const { lastCheck } = (await post('check')).body;
  expect(millisecondsIn(lastCheck.detail)).toBeLessThanOrEqual(3_000);
  expect(lastCheck).toMatchObject({ result: 'inconclusive', proved: [] });

  const credentials = { companyId: '549755819292', apiKey: 'another-key' };
  const rotated = await post('credentials', { credentials });
  expect(rotated).toMatchObject({ status: 502, body: { code: 'provider-error' } });
  expect(millisecondsIn(rotated.body.detail)).toBeLessThanOrEqual(3_000);
});
