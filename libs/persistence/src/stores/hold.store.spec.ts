import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { acceptedOperation, openOneConnection } from '../../../../test/support/one-connection.js';
import type { OneConnection } from '../../../../test/support/one-connection.js';
import { DoubtStore } from './doubt.store.js';
import { HoldStore } from './hold.store.js';
import { OperationStore } from './operation.store.js';

let one: OneConnection;
const holds = new HoldStore();
const now = new Date('2026-01-01T12:00:00Z');
const [before, after] = [new Date(now.getTime() - 1_000), new Date(now.getTime() + 1_000)];
let rows = 0;

beforeAll(async () => {
  one = await openOneConnection(2);
});
beforeEach(async () => {
  await one.database.direct.query('delete from holds');
});
afterAll(() => one.close());

/** A hold whose request is in a state; with the provider's number. */
async function stored(state: string, its: string, expiresAt = before): Promise<string> {
  const id = `hld_${++rows}`;
  const row = { ...acceptedOperation, id, resourceId: id };
  await new OperationStore().addClaimed(one.database.direct, row, { owner: 'me', leaseMs: 60_000 });
  await one.database.direct.query(`update operations set state = $2 where id = $1`, [id, its]);
  await one.database.direct.query(
    `insert into holds (id, tenant_id, connection_id, operation_id, guarantee, state, points, provider_refs, expires_at, doubted_by)
     values ($1, 'ten_1', 'con_1', $1, 'provider', $2, 10, '{"hold": "1"}', $3, '{sale}')`,
    [id, state, expiresAt],
  );
  return id;
}

it.each([
  ['active', 'succeeded', true],
  ['doubtful', 'succeeded', true],
  ['doubtful', 'unknown', true],
  // Its time counts from when its request is sent: the answer may still make it active.
  ['doubtful', 'queued', false],
  ['doubtful', 'dispatching', false],
  ['consumed', 'succeeded', false],
])('a hold that is %s, its request %s, ends when its time is over: %s', async (state, its, ends) => {
  const [due, read, later] = [
    await stored(state, its),
    await stored(state, its),
    await stored(state, its, after),
  ];
  const { direct } = one.database;
  expect([await holds.expireOne(direct, read, now), await holds.expireOne(direct, later, now)]).toEqual([
    ends,
    false,
  ]);
  expect((await holds.expireDue(direct, now, 500)).map(({ id }) => id)).toEqual(ends ? [due] : []);
});

it.each([
  ['nothing happened', '', true, true],
  ['another sale put it in doubt', `doubted_by = '{sale,other}'`, false, false],
  ['a sale named it', `bound_to = 'other'`, false, false],
  ['it was settled', `state = 'active'`, false, false],
  ['its time was over', `expires_at = '2026-01-01T11:59:59Z'`, false, true],
])('a look settles the doubt of a hold where meanwhile %s', async (_, change, stands, gone) => {
  const settled: boolean[] = [];
  for (const to of ['active', 'expired'] as const) {
    const id = await stored('doubtful', 'succeeded', after);
    if (change) await one.database.direct.query(`update holds set ${change} where id = $1`, [id]);
    const looked = { id, doubtedBy: ['sale'] };
    settled.push(await new DoubtStore().settle(one.database.direct, looked, to, now));
  }
  expect(settled).toEqual([stands, gone]);
});

it.each([
  ['nothing else doubts it', '', 'active'],
  ['another sale doubts it as well', `doubted_by = '{sale,other}'`, 'doubtful'],
  ['its time is over', `expires_at = '2026-01-01T11:59:59Z'`, 'doubtful'],
  ['its own answer was lost', `provider_refs = '{}'`, 'doubtful'],
])('a sale that was not executed frees its hold, which is as it was where %s', async (_, change, state) => {
  const id = await stored('doubtful', 'succeeded', after);
  const { direct } = one.database;
  await direct.query(`update holds set bound_to = 'sale' where id = $1`, [id]);
  if (change) await direct.query(`update holds set ${change} where id = $1`, [id]);
  const cleared = await one.database.transaction(tx => new DoubtStore().clear(tx, 'sale', now));
  expect(cleared.filter(hold => hold.id === id)).toEqual([{ id, before: 'doubtful', state }]);
  expect(await holds.byId(direct, id)).toMatchObject({ boundTo: null, state });
});

it.each([
  ['queued', 0, false],
  ['dispatching', 0, false],
  ['unknown', 0, false],
  ['needs-review', 0, false],
  // By then it has been executed, or never will be.
  ['unknown', 61, true],
  ['needs-review', 61, true],
])(
  'a look may settle a hold doubted by a sale that is %s, sent %i seconds ago: %s',
  async (its, age, settles) => {
    const [id, sale] = [await stored('doubtful', 'succeeded', after), await stored('released', its)];
    const { direct } = one.database;
    await direct.query(`update operations set last_sent_at = now() - $2 * interval '1 s' where id = $1`, [
      sale,
      age,
    ]);
    await direct.query(`update holds set doubted_by = array[$2] where id = $1`, [id, sale]);
    expect(await new DoubtStore().askable(direct, { id })).toBe(settles);
    await direct.query(`update holds set bound_to = 'another' where id = $1`, [id]);
    expect(await new DoubtStore().askable(direct, { id })).toBe(false);
  },
);
