import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestGateway } from '../../support/gateway.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';
import { calls } from './calls.js';
import { loyalclientCalls } from './loyalclient.js';
import { ppCalls } from './pp.js';
import { reccaCalls } from './recca.js';
import { recreativCampaignCalls } from './recreativ-campaigns.js';
import { recreativCalls } from './recreativ.js';
import { Till, leadsTo } from './till.js';
import type { Exercise } from './till.js';
import { udsV1Calls } from './uds-v1.js';
import { udsCalls } from './uds.js';

const exercises: Record<number, Exercise> = {
  ...udsCalls,
  ...loyalclientCalls,
  ...recreativCalls,
  ...recreativCampaignCalls,
  ...ppCalls,
  ...reccaCalls,
  ...udsV1Calls,
};

let stack: Stack;
let world: World;
let gateway: TestGateway;

beforeAll(async () => {
  stack = await startStack({ sandbox: { options: { recreativ: { referrals: 0 } } } });
  ({ world, gateway } = stack);
});
afterAll(() => stack.close());
beforeEach(() => world.control('reset', {}));

describe('every documented provider call', () => {
  it('is listed once, has an exercise, and routes of the OpenAPI document', () => {
    const numbers = calls.map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 59 }, (_, at) => at + 1));
    expect(Object.keys(exercises).map(Number)).toEqual(numbers);
    const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
    const known = Object.keys(paths).flatMap(path =>
      Object.keys(paths[path]).map(method => `${method.toUpperCase()} ${path}`),
    );
    expect(known).toEqual(expect.arrayContaining(calls.flatMap(({ homes }) => homes)));
  });

  it.each(calls)('$number: $provider $call', async ({ number, provider, homes, retry }) => {
    const till = new Till(world, gateway, await world.connect(provider));
    await exercises[number]!(till);
    for (const home of homes) {
      const made = till.visits.filter(({ route }) => leadsTo(home, route));
      expect(made, `${home} was asked`).not.toHaveLength(0);
      if (retry === 'read') expect(made.every(({ operations }) => operations === 0)).toBe(true);
    }
    if (retry === null || retry === 'read') return;
    const newest = await gateway.ask({ path: `/v1/operations?connectionId=${till.connection.id}&limit=1` });
    expect(newest.body.data).toMatchObject([{ retryClass: retry, state: 'succeeded', outcome: 'executed' }]);
  });
});
