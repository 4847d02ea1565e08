import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { purchaseKind } from '#outbound';
import type { StoredOperation } from '#persistence';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// An answer is lost while the caller waits. No worker runs here: only the process that accepted the sale can reconcile it.
let world: World;
beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    glanceAfterMs: 1,
    sandbox: { only: ['uds', 'loyalclient'] },
  });
});
afterAll(() => world.close());

async function sell(provider: string, fault: string, waitMs = 3_000) {
  const connection = await world.connect(provider);
  const before = (await world.effects(provider)).length;
  await world.control('faults', {
    provider,
    method: 'POST',
    pathPattern: `${salePaths[provider]}$`,
    fault,
    count: 1,
  });
  const body = {
    identifier: buyers[provider],
    merchantReference: randomUUID(),
    receipt: { total: { amount: '100.00', currency: 'RUB' } },
  };
  const answer = await world.write(purchaseKind, connection, { body, waitMs });
  await world.core.background.drain(10_000);
  const stored = (await world.core.stores.operations.byId(
    world.core.database.direct,
    answer.operationId!,
  )) as StoredOperation;
  return { answer, stored, effects: (await world.effects(provider)).length - before };
}
const salePaths: Record<string, string> = { uds: '/operations', loyalclient: '/retail' };
const buyers: Record<string, object> = {
  uds: { type: 'code', value: '123456' },
  loyalclient: { type: 'phone', value: '+79031234567' },
};
const sent = async (provider: string) =>
  (await world.journal(provider)).filter(
    ({ method, path }) => method === 'POST' && path.endsWith(salePaths[provider]!),
  ).length;

it('finds an existing effect while its till waits', async () => {
  const { answer, stored, effects } = await sell('uds', 'commit-then-reset', 15_000);
  expect(answer).toMatchObject({ status: 201, body: { state: 'succeeded' } });
  expect(stored).toMatchObject({ evidence: 'strong', repeats: 0 });
  expect(effects).toBe(1);
});

it('sends nothing and decides nothing without an effect', async () => {
  const before = await sent('uds');
  const { answer, stored, effects } = await sell('uds', 'reset-before-reading');
  expect(answer).toMatchObject({ status: 202 });
  expect(stored).toMatchObject({
    state: 'unknown',
    repeats: 0,
    leaseUntil: null,
    reconcile: { tries: 0, absents: 0 },
  });
  expect(stored.wakeAt!.toISOString()).toBe(stored.reconcile!['nextAt']);
  expect(effects).toBe(0);
  // A request reset before it was read has no journal line, or the only one.
  expect((await sent('uds')) - before).toBeLessThanOrEqual(1);
});

it('does not accept weak evidence', async () => {
  const { answer, stored, effects } = await sell('loyalclient', 'commit-then-reset');
  expect(answer).toMatchObject({ status: 202 });
  expect(stored).toMatchObject({ state: 'unknown', reconcile: { tries: 0 } });
  expect(effects).toBe(1);
});
