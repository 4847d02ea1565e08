import { runMigrations } from 'bullmq';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import { openRelay } from '../../../../test/support/relay.js';
import { openBull } from './bull.js';
import { BullJobs } from './bull-jobs.js';

/** The queues of a database of its own, and the way to it. */
async function openQueues() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await runMigrations(client, 'bullmq');
  await client.end();
  const relay = await openRelay(Number(new URL(database.url).port));
  onTestFinished(() => relay.close());
  const way = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: `${relay.port}` });
  const told: string[] = [];
  const bull = openBull({ postgresUrl: way.toString(), schema: 'bullmq' }, (_level, message) =>
    told.push(message),
  );
  onTestFinished(async () => {
    relay.cut();
    await bull.close();
  });
  return { bull, relay, told, url: database.url };
}

it('reaches the store again when its connection died without a word', async () => {
  const { bull, relay } = await openQueues();
  const queue = await bull.queue('works');
  await queue.add('before', {});
  relay.slow(Infinity);
  await expect(queue.add('lost', {})).rejects.toThrow();
  relay.slow(0);
  const added = () => queue.add('after', {}).then(({ name }) => name);
  await expect.poll(() => added().catch(() => undefined)).toBe('after');
});

it('reaches a store that did not answer at first', async () => {
  const { bull, relay } = await openQueues();
  relay.slow(Infinity);
  const jobs = new BullJobs(bull, () => new Date());
  await expect(jobs.ensurePump('lane')).rejects.toThrow();
  relay.slow(0);
  await expect.poll(() => jobs.ensurePump('lane').catch(() => 'away')).toBeUndefined();
});

/** What Postgres answers to a connection that is one too many. */
function tooManyClients(): Buffer {
  const fields = ['SFATAL', 'C53300', 'Msorry, too many clients already', ''].join('\0');
  const message = Buffer.from(`E????${fields}\0`);
  message.writeInt32BE(message.length - 1, 1);
  return message;
}

it('gives its worker jobs also where the store refused its first connection, and holds up nobody meanwhile', async () => {
  const { bull, relay, told } = await openQueues();
  const queue = await bull.queue('works');
  await queue.add('waits', {});
  const done: string[] = [];
  relay.refuse(tooManyClients());
  bull.worker('works', async job => void done.push(job.name), { concurrency: 1 });
  await expect.poll(() => told).not.toEqual([]);
  relay.refuse(undefined);
  await expect.poll(() => done).toEqual(['waits']);
});

it('asks for its next job at leisure while the store refuses', async () => {
  const { bull, relay } = await openQueues();
  const queue = await bull.queue('works');
  let end = () => {};
  const ended = new Promise<void>(resolve => (end = resolve));
  const begun: string[] = [];
  const work = async ({ name }: { name: string }) => {
    begun.push(name);
    await ended;
  };
  bull.worker('works', work, { concurrency: 1 });
  await queue.add('runs', {});
  await expect.poll(() => begun).toEqual(['runs']);
  relay.refuse(tooManyClients());
  relay.cut();
  end();
  await expect.poll(() => relay.refused()).toBeGreaterThan(0);
  let looks = 0;
  await expect.poll(() => ++looks, { interval: 50 }).toBe(40);
  expect(relay.refused()).toBeLessThan(looks);
  relay.refuse(undefined);
  await expect.poll(() => queue.add('after', {}).catch(() => undefined)).toBeDefined();
  await expect.poll(() => begun).toContain('after');
});

it('leaves no connection behind where it is closed while a worker is being opened', async () => {
  const { bull, relay, url } = await openQueues();
  relay.slow(100);
  bull.worker('works', async () => undefined, { concurrency: 1 });
  await expect.poll(() => relay.slowed()).toBeGreaterThan(0);
  await bull.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  const others = async () => {
    const { rows } = await client.query(
      `select pid from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
    return rows;
  };
  let looks = 0;
  await expect.poll(() => ++looks, { interval: 50 }).toBe(40);
  // A backend takes a moment to end; one that is left behind stays.
  await expect.poll(others).toEqual([]);
});
