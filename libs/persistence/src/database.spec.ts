import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import type { TestDatabase } from '../../../test/support/database.js';
import { openRelay } from '../../../test/support/relay.js';
import { CommitInDoubt, Database, createDataSource, sendWithCommit } from './database.js';
import { freePort } from './embedded/index.js';
import { PreparedClient } from './prepared-client.js';
import { isStoreAway } from './store-away.js';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  database = new Database(await createDataSource(server.url, 2).initialize());
  await database.direct.query('create table words (word text primary key)');
});
afterAll(async () => {
  await database.source.destroy();
  await server.drop();
});
beforeEach(() => database.direct.query('delete from words'));

const add = 'insert into words (word) values ($1)';
const words = async () =>
  (await database.direct.query('select word from words order by 1')).map(
    ({ word }: { word: string }) => word,
  );

describe('a transaction', () => {
  it('commits as a whole, the statement sent with its COMMIT last', async () => {
    await database.transaction(async tx => {
      await sendWithCommit(tx, { sql: 'update words set word = word || $1', values: ['!'] });
      await tx.query(add, ['one']);
    });
    expect(await words()).toEqual(['one!']);
  });

  it('is rolled back by a refused statement sent with its COMMIT and rejects with that error', async () => {
    const work = database.transaction(async tx => {
      await tx.query(add, ['one']);
      await sendWithCommit(tx, { sql: add, values: ['one'] });
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await words()).toEqual([]);
  });

  it('rejects when a refused statement was swallowed', async () => {
    const work = database.transaction(async tx => {
      await tx.query(add, ['one']);
      await tx.query(add, ['one']).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('took the transaction back');
    expect(await words()).toEqual([]);
  });

  it.each([true, false])(
    'is in doubt where the answer to its COMMIT is lost (a statement sent with it: %s)',
    async together => {
      const way = new URL(server.url);
      const relay = await openRelay(Number(way.port));
      way.hostname = '127.0.0.1';
      way.port = String(relay.port);
      const far = new Database(await createDataSource(way.href, 1).initialize());
      const work = far.transaction(async tx => {
        await tx.query(add, ['one']);
        if (together) await sendWithCommit(tx, { sql: add, values: ['two'] });
        relay.slow(Infinity);
      });
      const told = work.catch((error: unknown) => error);
      await expect.poll(words).toEqual(together ? ['one', 'two'] : ['one']);
      relay.cut();
      expect(await told).toBeInstanceOf(CommitInDoubt);
      await far.source.destroy();
      await relay.close();
    },
  );

  it('is rolled back by a throw, before and after its first statement', async () => {
    for (const statements of [0, 1]) {
      const work = database.transaction(async tx => {
        if (statements > 0) await tx.query(add, ['one']);
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
    }
    expect(await words()).toEqual([]);
  });

  it('leaves no transaction open on its connection', async () => {
    await database.transaction(async () => undefined);
    await Promise.all(['a', 'b', 'c', 'd'].map(word => database.direct.query(add, [word])));
    const open = await database.direct.query(
      `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
    );
    expect(open).toEqual([]);
    expect(await words()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('has its own connection: others do not see uncommitted rows', async () => {
    await database.transaction(async tx => {
      await tx.query(add, ['one']);
      expect(await words()).toEqual([]);
    });
    expect(await words()).toEqual(['one']);
  });

  it('rejects when Postgres terminates it, and the next one commits', async () => {
    const work = database.transaction(async tx => {
      await tx.query(add, ['one']);
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(work).rejects.toThrow();
    await database.transaction(tx => tx.query(add, ['two']));
    expect(await words()).toEqual(['two']);
  });
});

describe('concurrent statements', () => {
  it('get their own answers, and a refused one affects no other', async () => {
    const answers = await database.transaction(tx =>
      Promise.all(['a', 'b', 'c'].map(word => tx.query('select $1::text as word', [word]))),
    );
    expect(answers.flat()).toEqual([{ word: 'a' }, { word: 'b' }, { word: 'c' }]);
    const mixed = await Promise.allSettled([
      database.direct.query(add, ['x']),
      database.direct.query(add, [null]),
      database.direct.query(add, ['y']),
    ]);
    expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

it.each([
  [undefined, '15s'],
  [{ statementMs: 0, silenceMs: 0 }, '0'],
])('a statement may take as long as the patience says: %o', async (patience, limit) => {
  const source = await createDataSource(server.url, 1, patience).initialize();
  expect(await source.query('show statement_timeout')).toEqual([{ statement_timeout: limit }]);
  await source.destroy();
});

it.each(['25006', '53100', '53200', '53300'])('a Postgres that refuses all work with %s is away', code => {
  expect(isStoreAway(Object.assign(new Error('refused'), { code }))).toBe(true);
});

describe('a Postgres that stops answering', () => {
  it('is reported as away to all waiting callers, and reached again on new connections', async () => {
    const relay = await openRelay(Number(new URL(server.url).port));
    const way = new URL(server.url);
    way.port = String(relay.port);
    const silent = new Database(
      await createDataSource(way.href, 2, { statementMs: 0, silenceMs: 2_000 }).initialize(),
    );
    try {
      await Promise.all([silent.ping(), silent.ping()]);
      relay.slow(Infinity);
      const asked = await Promise.allSettled([
        silent.direct.query(add, ['one']),
        silent.transaction(tx => tx.query(add, ['two'])),
      ]);
      for (const told of asked)
        expect(told).toMatchObject({
          status: 'rejected',
          reason: { message: expect.stringMatching(/^(Query read timeout|Connection terminated)/) },
        });
      relay.slow(0);
      await expect.poll(() => silent.ping().then(() => 'here')).toBe('here');
    } finally {
      await silent.source.destroy();
      await relay.close();
    }
  });
});

describe('an idle connection that Postgres closes', () => {
  it('does not end the process; the next query rejects', async () => {
    const client = new PreparedClient({ connectionString: server.url });
    await client.connect();
    const ended = new Promise(resolve => client.once('end', () => resolve(true)));
    const { rows } = await client.query('select pg_backend_pid() as pid');
    await database.direct.query('select pg_terminate_backend($1)', [rows[0].pid]);
    await ended;
    await expect(client.query('select 1')).rejects.toThrow();
  });
});

describe('a wait for a connection', () => {
  it('lasts until one is released', async () => {
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const hold = () =>
      database.transaction(async tx => {
        await tx.query('select 1');
        await new Promise<void>(resolve => gates.push(resolve));
        order.push('given back');
      });
    const held = [hold(), hold()];
    await expect.poll(() => gates).toHaveLength(2);
    const waited = database.waited().then(ms => order.push(ms >= 0 ? 'waited' : 'before it began'));
    gates[0]!();
    await waited;
    expect(order).toEqual(['given back', 'waited']);
    gates[1]!();
    await Promise.all(held);
  });

  it('ends when there is no Postgres', async () => {
    const port = await freePort();
    const url = `postgres://nobody:nothing@127.0.0.1:${port}/nowhere`;
    const away = new Database(createDataSource(url, 1));
    await expect(away.waited()).resolves.toBeGreaterThanOrEqual(0);
  });
});
