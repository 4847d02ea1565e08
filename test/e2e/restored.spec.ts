import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { purchaseKind, resolveOperation, startWorkers } from '#outbound';
import type { OpenConnection } from '#outbound';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

// These tests follow the documented restore procedure.
const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const [before = '', after = ''] = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql);

const READING = `update backup set state = 'dispatching', outcome = 'unknown', fence = 1, attempts = 1, owner = 'gone',
  lease_until = now(), wake_at = now()`;

describe.each(['uds', 'loyalclient'])('a database restored to a moment before %s was called', provider => {
  let world: World;
  let connection: OpenConnection;
  let session: pg.Client;

  beforeEach(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: [provider] } });
    connection = await world.connect(provider);
    session = new pg.Client({ connectionString: world.settings.databaseUrl });
    await session.connect();
  });
  afterEach(async () => {
    await session?.end();
    await world?.close();
  });

  const take = (merchantReference: string) =>
    world.write(purchaseKind, connection, {
      body: {
        identifier: { type: 'phone', value: '+79031234567' },
        merchantReference,
        receipt: { total: { amount: '100.00', currency: 'RUB' } },
      },
      waitMs: 0,
    });
  const states = async () =>
    (await session.query<{ state: string }>('select state from operations')).rows.map(({ state }) => state);
  const sales = async () => (await world.effects(provider)).filter(({ type }) => type === 'purchase').length;

  /** Makes two sales that the backup has as queued, or as the statement leaves them, and restores it. */
  async function restore(caught?: string): Promise<void> {
    await take('restored-1');
    await take('restored-2');
    await session.query('create table backup as select * from operations');
    if (caught) await session.query(caught);
    const workers = startWorkers(world.core, world.queues);
    await expect.poll(states).toEqual(['succeeded', 'succeeded']);
    await workers.close();
    await session.query('set session_replication_role = replica');
    await session.query('delete from operations');
    await session.query('insert into operations select * from backup');
    await session.query('reset session_replication_role');
  }

  // LoyalClient cannot distinguish two equal sales: a person checks its cabinet.
  async function settleByHand(): Promise<void> {
    const { rows } = await session.query<{ id: string }>(
      `select id from operations where state = 'needs-review'`,
    );
    const person = { tenantId: world.tenantId, actor: 'key_1', actorName: 'person' };
    for (const { id } of rows)
      await resolveOperation(world.core, person, id, { outcome: 'executed', note: 'seen in the cabinet' });
  }

  it.each([
    ['waited', undefined],
    ['were claimed, and only asked something before they are sent', READING],
    [
      'both spend points of one customer, and the first was refused as too frequent',
      `update backup set spend = true, write_sent = created_at = (select min(created_at) from backup),
         first_sent_at = created_at, last_sent_at = created_at`,
    ],
  ])('does not sell twice, and finds what was sold, where the sales %s', async (_, caught) => {
    await restore(caught);
    await session.query(before);
    const workers = startWorkers(world.core, world.queues);
    const move = async () => {
      await session.query(after);
      await settleByHand();
      return states();
    };
    await expect.poll(move, { timeout: 120_000, interval: 500 }).toEqual(['succeeded', 'succeeded']);
    await workers.close();
    expect(await sales()).toBe(2);
  });
});
