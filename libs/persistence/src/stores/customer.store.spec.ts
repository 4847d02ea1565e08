import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOneConnection } from '../../../../test/support/one-connection.js';
import type { Database } from '../database.js';
import { CustomerStore } from './customer.store.js';
import { JournalStore } from './journal.store.js';
import type { CallInsert } from './journal.store.js';

const customers = new CustomerStore();
const journal = new JournalStore();
const owner = { tenantId: 'ten_1', connectionId: 'con_1' };

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await openOneConnection(1));
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
