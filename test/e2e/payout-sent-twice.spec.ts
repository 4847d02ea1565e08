import { afterAll, beforeAll, expect, it } from 'vitest';
import { payoutKind, probeNow } from '#outbound';
import { connectThroughRepeats } from '../support/repeating-proxy.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let pp: Awaited<ReturnType<typeof connectThroughRepeats>>;

beforeAll(async () => {
  world = await startWorld({ store: 'postgres', sandbox: { only: ['pp'] } });
  pp = await connectThroughRepeats(world, 'pp', line => line.includes('add_payout'));
});
afterAll(async () => {
  await world.close();
  await pp.close();
});

it('is not rejected by the answer to the second order, and goes to a person', async () => {
  const body = { methodId: '1', account: 'U7654321' };
  const { operationId } = await world.attempt(payoutKind, pp.connection, { body });
  const { core } = world;
  const stored = async () => (await core.stores.operations.byId(core.database.direct, operationId!))!;
  expect(await world.effects('pp')).toHaveLength(1);
  expect(await stored()).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await probeNow(core, world.tenantId, operationId!);
  expect(await stored()).toMatchObject({ state: 'needs-review', evidence: 'weak' });
});
