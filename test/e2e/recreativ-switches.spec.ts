import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { execute, kindOf, reconcile } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
let recreativ: OpenConnection;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['recreativ'], rateLimit: { recreativ: false } },
    now: () => new Date(Date.now() + aheadMs),
  });
});
beforeEach(async () => {
  aheadMs = 0;
  await world.control('reset', { provider: 'recreativ' });
  recreativ = await world.connect('recreativ', { currency: 'RUB' });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world.close());

const stored = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;

/** The first PUT is lost, after its effect or before it; every later one is refused. */
async function refuseRepeats(fault: 'commit-then-reset' | 'reset-before-reading'): Promise<void> {
  await world.control('faults', { provider: 'recreativ', method: 'PUT', fault, count: 1 });
  const { send } = world.core;
  const really = send.send.bind(send);
  let puts = 0;
  vi.spyOn(send, 'send').mockImplementation(async asked => {
    if (asked.method !== 'PUT' || ++puts === 1) return really(asked);
    const body = { name: 'Forbidden', message: 'The campaign is blocked.', code: 0, status: 403 };
    const answer = { status: 403, headers: {}, body, text: JSON.stringify(body), format: 'json' } as const;
    return { kind: 'answered', answer, writtenAt: performance.now(), durationMs: 1, bytes: 0 };
  });
}

/** A campaign is stopped, and the repeat after the lost answer is refused. */
async function stop(): Promise<string> {
  const kind = kindOf('x.recreativ.setCampaignActive');
  const asked = { params: { id: '111' }, body: { query: {}, body: { active: false } } };
  const { operationId: id } = await world.write(kind, recreativ, { ...asked, waitMs: 0 });
  for (const state = async () => (await stored(id!)).state; (await state()) === 'queued';)
    await execute(world.core, id!, { laneBudgetMs: 1_000 });
  return id!;
}

it('a switch that is refused after a lost answer is settled by what Recreativ shows', async () => {
  await refuseRepeats('commit-then-reset');
  const id = await stop();
  await reconcile(world.core, id);
  expect(await stored(id)).toMatchObject({ state: 'succeeded', evidence: 'strong' });
  expect(await world.effects('recreativ')).toHaveLength(1);
});

it('and in the words of the refusal where it does not show it', async () => {
  await refuseRepeats('reset-before-reading');
  const id = await stop();
  expect(await stored(id)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  await reconcile(world.core, id);
  aheadMs = 61_000;
  await reconcile(world.core, id);
  expect(await stored(id)).toMatchObject({
    state: 'rejected',
    outcome: 'not-executed',
    problem: { code: 'provider-rejected', provider: { message: 'The campaign is blocked.' } },
  });
  expect(await world.effects('recreativ')).toHaveLength(0);
});

it.each([
  ['succeeded', '111', {}],
  ['rejected', '999', { code: 'not-found' }],
])('and one that is answered takes one call: %s', async (state, campaign, problem) => {
  const send = vi.spyOn(world.core.send, 'send');
  const kind = kindOf('x.recreativ.setCampaignActive');
  const asked = { params: { id: campaign }, body: { query: {}, body: { active: false } } };
  const { operationId: id } = await world.write(kind, recreativ, asked);
  expect(await stored(id!)).toMatchObject({ state, ...(state === 'rejected' && { problem }) });
  expect(send.mock.calls.map(([{ method }]) => method)).toEqual(['PUT']);
});
