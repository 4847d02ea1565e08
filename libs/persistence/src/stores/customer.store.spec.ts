import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOneConnection } from '../../../../test/support/one-connection.js';
import type { Database, Tx } from '../database.js';
import { CustomerStore } from './customer.store.js';
import { JournalStore } from './journal.store.js';
import type { CallInsert } from './journal.store.js';

const customers = new CustomerStore();
const journal = new JournalStore();
const owner = { tenantId: 'ten_1', connectionId: 'con_1' };

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await openOneConnection(3));
});
afterAll(() => close());

it('removes every reference of a person from the call log, in any letter case, and leaves what only looks like one', async () => {
  const tx = database.direct;
  const id = await customers.upsert(tx, owner, { uid: '77', externalId: 'анна(1)' });
  const line = (url: string, preview: string): CallInsert => ({
    ...owner,
    operationId: null,
    exchange: 'one',
    method: 'GET',
    url,
    status: 200,
    outcome: 'done',
    reason: null,
    durationMs: '1',
    request: { bytes: 0 },
    response: { bytes: 9, preview },
  });
  await journal.addCalls(tx, [
    line('https://one/77/77', '{}'),
    line('https://one/list', '{"name":"анна(1)"}'),
    line('https://one/177', '{"name":"анна 1"}'),
  ]);

  await customers.erase(tx, 'ten_1', id);

  const lines = await journal.calls(tx, 'ten_1', { limit: 10 });
  expect(lines.map(({ url, response }) => ({ url, response })).toReversed()).toEqual([
    { url: 'https://one/***/***', response: { bytes: 9 } },
    { url: 'https://one/list', response: { bytes: 9 } },
    { url: 'https://one/177', response: { bytes: 9, preview: '{"name":"анна 1"}' } },
  ]);
});

// A connection's log has some hundred thousand lines, and a statement fifteen seconds.
it('goes through a long call log in slices, to its last line', async () => {
  const id = await customers.upsert(database.direct, owner, { uid: '4711' });
  await database.direct.query(
    `insert into provider_calls (id, tenant_id, connection_id, exchange, method, url, outcome, request)
     select 'pcl_' || lpad(i::text, 5, '0'), 'ten_1', 'con_1', 'one', 'GET', 'https://one/' || case when i % 3000 = 0 then '4711' else '1' end, 'done', '{}'
     from generate_series(0, 12000) i`,
  );
  await database.direct.query('analyze provider_calls');
  const walked = await database.transaction(async tx => {
    const each = linesWalked(tx);
    await customers.erase(tx, 'ten_1', id);
    return each;
  });
  expect(Math.max(...walked)).toBeLessThan(6_000);
  const told = `select count(*) filter (where url = 'https://one/***')::int as hidden, count(*) filter (where url ~ '4711')::int as quoted from provider_calls`;
  expect(await database.direct.query(told)).toEqual([{ hidden: 5, quoted: 0 }]);
});

/** How many lines of the call log each following statement of a transaction reads. */
function linesWalked(tx: Tx): number[] {
  const query = tx.query.bind(tx);
  const walked: number[] = [];
  let before = 0;
  tx.query = async (...asked: Parameters<typeof query>) => {
    const rows = await query(...asked);
    const [{ read }] = await query(
      `select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'provider_calls'`,
    );
    walked.push(Number(read) - before);
    before = Number(read);
    return rows;
  };
  return walked;
}

describe('what names one person', () => {
  const whose = (name: string, value: string) => customers.byRef(database.direct, 'con_1', name, value);
  const made = (refs: Record<string, string>) => customers.upsert(database.direct, owner, refs);
  const united = (refs: Record<string, string>) =>
    database.transaction(tx => customers.unite(tx, owner, refs));

  it('goes to the customer who has more than an answer tells', async () => {
    const older = await made({ externalId: 'anna' });
    const newer = await made({ externalId: 'anna-2', uid: '1' });
    expect(await united({ externalId: 'anna', uid: '1' })).toBe(newer);
    expect(await whose('externalId', 'anna')).toBe(newer);
    expect((await customers.find(database.direct, 'ten_1', older))!.refs).toEqual({});
  });

  it('stays where it is if two customers have more: they were registered as two people', async () => {
    const boris = await made({ externalId: 'boris', uid: '2' });
    const vera = await made({ externalId: 'vera', uid: '3' });
    await united({ externalId: 'vera', uid: '2' });
    expect(await whose('uid', '2')).toBe(boris);
    expect(await whose('externalId', 'vera')).toBe(vera);
  });

  it('is not lost where another process meets the person at the same moment', async () => {
    let second: Promise<string> | undefined;
    const blocked = () =>
      database.direct.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
    await database.transaction(async tx => {
      await customers.upsert(tx, { ...owner, id: 'cus_1' }, { uid: '4' });
      second = database.transaction(inner =>
        customers.upsert(inner, { ...owner, id: 'cus_2' }, { externalId: 'gleb', uid: '4' }),
      );
      await expect.poll(blocked).toHaveLength(1);
    });
    expect(await second).toBe('cus_1');
    expect(await whose('externalId', 'gleb')).toBe('cus_1');
  });
});
