import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openOneConnection } from '../../../../test/support/one-connection.js';
import type { OneConnection } from '../../../../test/support/one-connection.js';
import { RecordStore } from './record.store.js';
import { TwinStore } from './twin.store.js';

let one: OneConnection;

beforeAll(async () => {
  one = await openOneConnection(4);
});
afterAll(() => one.close());

// One row each: id, address, whether that is the merchant's own, lane.
const connections = [
  ['key-1', 'https://shop', true, 'lane-1'],
  ['key-1-again', 'https://shop/old', true, 'lane-1'],
  ['key-2', 'https://shop', true, 'lane-2'],
] as const;

beforeEach(async () => {
  const { direct } = one.database;
  await direct.query('truncate records, operations, connections cascade');
  for (const [id, url, own, lane] of connections) {
    await direct.query(
      `insert into connections (id, slug, tenant_id, provider, base_url, own_site, lane) values ($1, $1, 'ten_1', 'pp', $2, $3, $4)`,
      [id, url, own, lane],
    );
    await direct.query(
      `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, nonce)
       values ($1, 'ten_1', $1, 'createPayout', $2, 'write', 'reconcilable', 'payout', $1, 'hash', gen_random_uuid())`,
      [id, lane],
    );
    await direct.query(
      `insert into records (id, tenant_id, connection_id, operation_id, type) values ($1, 'ten_1', $1, $1, 'payout')`,
      [id],
    );
  }
});

it.each([
  ['one key', 'key-1-again'],
  ['two keys to one address', 'key-2'],
])('a number that two connections with %s claim at once is the first one’s', async (_, other) => {
  const twins = new TwinStore();
  const claimed = (id: string) => ({ connectionId: id, id, providerOperationId: '312' });
  let second: Promise<boolean> | undefined;
  await one.database.transaction(async tx => {
    expect(await twins.isAnothersPayout(tx, claimed('key-1'))).toBe(false);
    second = one.database.transaction(own => twins.isAnothersPayout(own, claimed(other)));
    await expect(Promise.race([second, untilWaiting()])).resolves.toBe('waits');
    await tx.query(`update records set body = '{"providerRef": "312"}' where id = 'key-1'`);
  });
  expect(await second).toBe(true);
});

it('a number that two connections are answered at once is the first one’s', async () => {
  const records = new RecordStore();
  const told = { body: { providerRef: '312' }, providerRef: '312' };
  const row = (id: string) => ({ id, connectionId: id, resourceType: 'payout' });
  let second: Promise<{ taken: boolean }> | undefined;
  await one.database.transaction(async tx => {
    expect(await records.complete(tx, row('key-1'), told)).toEqual({ taken: false });
    second = one.database.transaction(own => records.complete(own, row('key-2'), told));
    await expect(Promise.race([second, untilWaiting()])).resolves.toBe('waits');
  });
  expect(await second).toEqual({ taken: true });
});

it('an answer and a look-up with the number of one listed payout do not wait for each other crosswise', async () => {
  const [records, twins] = [new RecordStore(), new TwinStore()];
  const listed = { connectionId: 'key-1', type: 'payout', providerRef: '312' };
  await records.remember(one.database.direct, { id: 'pay_listed', tenantId: 'ten_1', body: {}, ...listed });
  const row = { id: 'key-1', connectionId: 'key-1', resourceType: 'payout' };
  let second: Promise<unknown> | undefined;
  // A deadlock would have one of them run again.
  let runs = 0;
  await one.database.transaction(async tx => {
    runs++;
    await twins.isAnothersPayout(tx, { connectionId: 'key-1', id: 'key-1', providerOperationId: '312' });
    second = one.database.transaction(async own => {
      runs++;
      await records.forgetListed(own, listed);
      return records.complete(own, row, { body: {}, providerRef: '312' });
    });
    await expect(Promise.race([second, untilWaiting()])).resolves.toBe('waits');
    await records.forgetListed(tx, listed);
  });
  await second;
  expect(runs).toBe(2);
});

it.each([
  ['the same account', '••••43ab', '1', true],
  ['the same account written otherwise', '••••3-AB', '1', true],
  ['the same account with a Cyrillic letter', '••••43аb', '1', true],
  ['the same account in full width', '••••43ａｂ', '1', true],
  ['another account', '••••43cd', '1', false],
  ['the same account by another method', '••••43ab', '2', false],
])('an unresolved payout to %s leaves it open whose a found one is: %s %s %s', async (...row) => {
  const [, accountMasked, methodId, inDoubt] = row;
  const { direct } = one.database;
  const keep = (id: string, body: object) =>
    direct.query(`update records set body = $2 where id = $1`, [id, JSON.stringify(body)]);
  await keep('key-1', { methodId: '1', accountMasked: '••••43ab' });
  await keep('key-2', { methodId, accountMasked });
  await direct.query(
    `update operations set state = 'unknown', write_sent = true, outcome = 'unknown', first_sent_at = now(), last_sent_at = now()`,
  );
  expect(await new TwinStore().ofPayout(direct, 'key-1')).toEqual({ knownIds: [], inDoubt });
});

// State and evidence of the other one, how many seconds ago it was sent (absent = never), and where it leaves open whose a found effect is.
it.each([
  ['queued', 'none', 0, 'purchase, refund'],
  ['queued', 'none', undefined, 'none'],
  ['dispatching', 'none', 0, 'purchase, refund'],
  ['unknown', 'none', 600, 'purchase, refund'],
  ['needs-review', 'none', 600, 'purchase, refund'],
  ['succeeded', 'proof', 0, 'none'],
  ['succeeded', 'weak', 0, 'purchase, refund'],
  // Settled by a person: it seems new as long as it may have come late.
  ['succeeded', 'none', 0, 'purchase, refund'],
  ['succeeded', 'none', 600, 'none'],
  ['rejected', 'none', 0, 'refund'],
  ['rejected', 'none', 600, 'none'],
  ['rejected', 'proof', 0, 'none'],
])(
  'a like one without a number that is %s, by evidence %s, sent %s seconds ago: open for %s',
  async (...row) => {
    const [state, evidence, age, open] = row;
    const { direct } = one.database;
    for (const id of ['key-1', 'key-2']) {
      await direct.query(
        `insert into purchases (id, tenant_id, connection_id, operation_id, merchant_reference, receipt, total, currency)
       values ($1, 'ten_1', $1, $1, 'sale', '{}', 100, 'RUB')`,
        [id],
      );
      await direct.query(
        `insert into refunds (id, tenant_id, connection_id, purchase_id, operation_id, merchant_reference, amount, currency)
       values ($1, 'ten_1', $1, 'key-1', $1, $1, 10, 'RUB')`,
        [id],
      );
    }
    await direct.query(`update operations set first_sent_at = now() where id = 'key-1'`);
    await direct.query(
      `update operations set state = $1, evidence = $2, first_sent_at = sent.at, last_sent_at = sent.at,
       finished_at = case when $1 in ('succeeded','rejected') then sent.at end
     from (select now() - $3::float8 * interval '1 s' as at) sent where id = 'key-2'`,
      [state, evidence, age ?? null],
    );
    const twins = new TwinStore();
    const { inDoubt: purchase } = await twins.ofPurchase(direct, 'key-1');
    const refund = await twins.ofRefund(direct, 'key-1');
    expect({ purchase, refund }).toEqual({
      purchase: open.includes('purchase'),
      refund: open.includes('refund'),
    });
  },
);

it('of very many registrations, those with the same login are told before the others', async () => {
  const { direct } = one.database;
  await direct.query(
    `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id, content_hash, nonce, state, serial_key, first_sent_at, finished_at)
     select 'opr_' || n, 'ten_1', 'key-1', 'createCustomer', 'lane-1', 'write', 'reconcilable', 'customer', 'cus_' || n, 'hash', gen_random_uuid(),
       'succeeded', 'customer:' || case when n in (1000, 1001) then 'anna' else n::text end, now(), now() from generate_series(1000, 2100) n`,
  );
  await direct.query(
    `insert into customers (id, tenant_id, connection_id) select 'cus_' || n, 'ten_1', 'key-1' from generate_series(1000, 2100) n`,
  );
  await direct.query(
    `insert into customer_refs (connection_id, name, value, customer_id)
     select 'key-1', 'userId', n::text, 'cus_' || n from generate_series(1000, 2100) n`,
  );
  const told = await new TwinStore().ofCustomer(direct, 'opr_1001');
  expect(told).toHaveLength(1000);
  expect(told[0]).toEqual({ name: 'userId', value: '1000' });
});

/** Until a statement in this database waits for another transaction. */
async function untilWaiting(): Promise<string> {
  const waiting = async (): Promise<number> => {
    const [row] = await one.database.direct.query(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row.count;
  };
  await expect.poll(waiting).toBe(1);
  return 'waits';
}
