import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
beforeAll(async () => {
  stack = await startStack({ store: 'postgres' });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());

it('opens the circuit of a provider that never answers, then refuses at once and sends nothing', async () => {
  const uds = await world.connect('uds');
  const breaker = world.core.breakers.of(uds.lane.fingerprint);
  for (let call = 0; call < 20; call++) breaker.note({ kind: 'unanswered', reason: 'silence' });
  await expect.poll(() => breaker.isOpen()).toBe(true);
  const told = await gateway.ask({
    method: 'POST',
    path: '/v1/customers/lookup',
    body: { identifier: { type: 'code', value: '123456' } },
    headers: { 'gateway-connection': uds.id },
  });
  expect(told).toMatchObject({
    status: 503,
    body: { code: 'circuit-open', retryable: true, outcome: 'not-executed' },
  });
  expect(Number(told.headers['retry-after'])).toBeGreaterThan(0);
  expect(await world.journal('uds')).toEqual([]);
});
