import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { payoutKind, reconcile, resolveOperation } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const wish = { methodId: '1', account: 'U7654321' };

let world: World;
let pp: OpenConnection;
let aheadMs = 0;

beforeAll(async () => {
  world = await startWorld({
    store: 'postgres',
    sandbox: { only: ['pp'] },
    now: () => new Date(Date.now() + aheadMs),
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  aheadMs = 0;
  vi.restoreAllMocks();
  await world.control('reset', { provider: 'pp' });
  // This dialect has a path per call, so that a fault can select one.
  pp = await world.connect('pp', { dialect: 'userapi-v1' });
});

const stored = async (id: string) =>
  (await world.core.stores.operations.byId(world.core.database.direct, id))!;
const lose = (fault: string) =>
  world.control('faults', { provider: 'pp', pathPattern: 'add_partner_payout', fault, count: 1 });

/** Until the returned function is called, the site's list has no payout of today, and its balance is this one, if given. */
function hideNewPayouts(balance?: string): () => void {
  const { send } = world.core;
  const really = send.send.bind(send);
  const hiding = vi.spyOn(send, 'send').mockImplementation(async asked => {
    const sent = await really(asked);
    if (sent.kind !== 'answered') return sent;
    if (balance && asked.url.endsWith('get_partner_info'))
      return { ...sent, answer: { ...sent.answer, body: { error: 0, data: { balance, min_payout: '5' } } } };
    if (!asked.url.endsWith('get_partner_payouts')) return sent;
    const { data } = sent.answer.body as { data: { items: Record<string, unknown> } };
    const items = Object.fromEntries(Object.entries(data.items).filter(([id]) => Number(id) <= 311));
    return { ...sent, answer: { ...sent.answer, body: { error: 0, data: { items } } } };
  });
  return () => hiding.mockRestore();
}

/** Orders a payout that never arrives, while the list does not show the one before it yet. */
async function loseBehindUnlisted(balance?: string): Promise<string> {
  const show = hideNewPayouts(balance);
  await lose('reset-before-reading');
  const { operationId } = await world.attempt(payoutKind, pp, { body: wish });
  show();
  return operationId!;
}

describe('a payout that was lost before the list showed the one ordered earlier', () => {
  it('is not taken for that one', async () => {
    const show = hideNewPayouts();
    expect(await world.write(payoutKind, pp, { body: wish })).toMatchObject({
      status: 201,
      body: { providerRef: '312' },
    });
    show();
    const id = await loseBehindUnlisted();
    await reconcile(world.core, id);
    aheadMs = 61_000;
    await reconcile(world.core, id);
    expect(await stored(id)).toMatchObject({ state: 'rejected', outcome: 'not-executed' });
    expect(await world.effects('pp')).toHaveLength(1);
  });

  it('goes to a person if the number of the earlier one is not known', async () => {
    const show = hideNewPayouts();
    await lose('commit-then-reset');
    const first = await world.attempt(payoutKind, pp, { body: wish });
    show();
    const decided = { outcome: 'executed', note: 'seen in the cabinet' } as const;
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'Test' };
    await resolveOperation(world.core, person, first.operationId!, decided);
    const id = await loseBehindUnlisted();
    await reconcile(world.core, id);
    expect(await stored(id)).toMatchObject({ state: 'needs-review', evidence: 'weak' });
  });

  it('does not get its number, even if the look-up knew nothing of it', async () => {
    const show = hideNewPayouts();
    await world.write(payoutKind, pp, { body: wish });
    show();
    const id = await loseBehindUnlisted('40.5025');
    const nothing = { knownIds: [], inDoubt: false };
    vi.spyOn(world.core.stores.twins, 'ofPayout').mockResolvedValue(nothing);
    await reconcile(world.core, id);
    expect(await stored(id)).toMatchObject({ state: 'unknown', outcome: 'unknown' });
  });
});
