import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandQueueName, publicStore } from '#events';
import { kinds, openBull } from '#outbound';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Caller } from './canary/caller.js';
import { openHouse } from './canary/house.js';
import type { House } from './canary/house.js';
import { found, marks, words } from './canary/marks.js';
import * as stories from './canary/stories.js';

const accounts: Record<string, { base: string; credentials: object; settings?: object }> = {
  uds: {
    base: '/uds/partner/v2',
    credentials: { companyId: marks.udsCompany, apiKey: marks.udsKey },
    settings: { advisoryHolds: true },
  },
  loyalclient: { base: '/loyalclient', credentials: { apiKey: marks.loyalclientKey } },
  recreativ: { base: '/recreativ/api', credentials: { authToken: marks.recreativToken } },
  pp: { base: '/pp', credentials: { apiKey: marks.ppKey } },
  recca: { base: '/recca', credentials: { tenantKey: marks.reccaKey } },
};

const PAGES = ['provider-calls', 'audit-log', 'events', 'deliveries', 'operations', 'connections'];
const MORE_PAGES = ['api-keys', 'subscriptions', 'lanes', 'purchases', 'tenants', 'providers'];

describe.each(['redis', 'postgres'] as const)('secret and personal data, with queues in %s', store => {
  const secrets: Record<string, string> = {};
  const webhooks: string[] = [];
  let house: House;
  let caller: Caller;
  let shop: ReturnType<typeof createServer>;

  beforeAll(async () => {
    house = await openHouse(store);
    caller = new Caller(house.url);
    shop = createServer((request, response) => {
      webhooks.push(JSON.stringify(request.headers));
      request.on('data', chunk => webhooks.push(String(chunk)));
      request.on('end', () => response.writeHead(204).end());
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    await subscribe();
    const stage = { caller, parrot: house.parrot, connect, secrets };
    await Promise.all([
      stories.udsStory(stage),
      stories.loyalclientStory(stage),
      stories.recreativStory(stage),
      stories.ppStory(stage),
      stories.reccaStory(stage),
    ]);
    await stories.mistakes(stage);
    await settled();
  });
  afterAll(async () => {
    shop?.close();
    shop?.closeAllConnections();
    await house?.close();
  });

  async function subscribe(): Promise<void> {
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hooks`;
    const targets = [
      { type: 'webhook', url },
      { type: 'queue', name: 'canary-shop' },
    ];
    for (const target of targets) {
      const { body } = await caller.post('/v1/subscriptions', { target, events: ['*'] });
      if (body.secret) secrets['webhook secret'] = body.secret.slice('whsec_'.length);
    }
  }

  async function connect(provider: string, changes: object = {}): Promise<string> {
    const { base, ...account } = accounts[provider]!;
    const connection = { provider, baseUrl: `${house.parrot.url}${base}`, ...account, ...changes };
    const { body } = await caller.post('/v1/connections', connection);
    house.parrot.next(provider, 'refuse');
    await caller.post(`/v1/connections/${body.id}/check`, {});
    house.parrot.next(provider, 'refuse');
    const { credentials } = connection;
    await caller.post(`/v1/connections/${body.id}/credentials`, { credentials });
    await caller.post(`/v1/connections/${body.id}/credentials`, { credentials });
    return body.id;
  }

  async function settled(): Promise<void> {
    // A refund behind another of the same purchase with an unknown outcome stays queued. A failed delivery is retried after
    // seconds or minutes: one attempt is enough to see what is sent.
    const busy = `
      select 'operation ' || id || ' ' || kind || ' ' || state as left from operations
        where state = 'dispatching' or (state = 'queued' and attempts = 0 and serial_key is null)
      union all select 'delivery ' || id from deliveries where status = 'pending' and attempts = 0
      union all select 'event ' || id || ' ' || type from events where fanned_out_at is null`;
    const quiet = async () => expect((await house.sql.query(busy)).rows).toEqual([]);
    await vi.waitFor(quiet, { timeout: 60_000, interval: 250 });
    await house.open.core.background.drain(10_000);
  }

  const hits = (text: string) => found(text, words(secrets));

  it('passed through every kind of write, response and transport', async () => {
    const { rows } = await house.sql.query<{ kind: string }>('select distinct kind from operations');
    const seen = rows.map(({ kind }) => kind);
    expect(Object.keys(kinds).filter(kind => !seen.includes(kind))).toEqual([]);
    expect([...house.parrot.heard].toSorted()).toEqual(Object.keys(marks).toSorted());
    expect(house.parrot.played.size).toBe(6);
    expect(Object.keys(secrets)).toHaveLength(6);
    const { rows: ends } = await house.sql.query<{ state: string }>('select distinct state from operations');
    expect(ends.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['succeeded', 'rejected', 'needs-review']),
    );
    const { rows: calls } = await house.sql.query(
      'select outcome, count(*)::int as count from provider_calls group by 1',
    );
    expect(Object.fromEntries(calls.map(({ outcome, count }) => [outcome, count > 10]))).toMatchObject({
      done: true,
      refused: true,
      unanswered: true,
    });
  });

  it('would be found by these tests if it were stored', async () => {
    await house.sql.query('begin');
    await house.sql.query('update tenants set name = $1', [`of ${marks.displayName}`]);
    await house.sql.query('update tenants set slug = $1', [Buffer.from(marks.email).toString('hex')]);
    const { postgres } = await house.stored();
    await house.sql.query('rollback');
    expect(hits(postgres)).toEqual(['displayName', 'email']);
  });

  it('is in no line of the log', () => {
    expect(house.log.filter(line => line.includes('"answered"')).length).toBeGreaterThan(100);
    expect(house.log.some(line => line.includes('"path":"/v1/customers/***"'))).toBe(true);
    expect(house.log.filter(line => hits(line).length > 0)).toEqual([]);
  });

  it('is in no row of Postgres, deleted rows included, except sealed', async () => {
    const { postgres } = await house.stored();
    expect(postgres).toContain('canary_rows');
    expect(postgres.split('\n').filter(row => hits(row).length > 0)).toEqual([]);
  });

  it.runIf(store === 'redis')('is in no key, value, job or command of Redis', async () => {
    const { redis } = await house.stored();
    expect(redis).toContain('canary-shop');
    expect(house.redisCommands.length).toBeGreaterThan(1_000);
    expect(hits(redis)).toEqual([]);
    expect(house.redisCommands.filter(command => hits(command).length > 0)).toEqual([]);
  });

  it('is in no webhook', () => {
    expect(webhooks.length).toBeGreaterThan(100);
    expect(webhooks.filter(body => hits(body).length > 0)).toEqual([]);
  });

  it('is in no problem response', () => {
    expect(caller.problems.length).toBeGreaterThan(30);
    expect(caller.problems.filter(problem => hits(problem).length > 0)).toEqual([]);
  });

  it.each([...PAGES, ...MORE_PAGES])('is on no page of /v1/%s', async list => {
    for (let cursor = ''; ;) {
      const { body, text, status } = await caller.get(
        `/v1/${list}?${list === 'lanes' || list === 'providers' ? '' : 'limit=100'}${cursor}`,
      );
      expect(status).toBe(200);
      expect(body.data.length).toBeGreaterThan(0);
      expect(hits(text)).toEqual([]);
      if (!body.nextCursor) return;
      cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
    }
  });

  it('is in no metric and on no public page', async () => {
    for (const path of ['/metrics', '/healthz', '/readyz', '/openapi.json', '/asyncapi.json', '/docs']) {
      const { text, status } = await caller.get(path);
      expect(status).toBe(200);
      // Not the personal data of the simulators: the documents' examples contain it.
      expect(found(text, new Map([...Object.entries(marks), ...Object.entries(secrets)]))).toEqual([]);
    }
  });

  it('is removed from the queue store once a command is accepted or dead-lettered', async () => {
    const bull = openBull(publicStore(house.open.queues));
    const commands = await bull.queue(commandQueueName('default'));
    const good = {
      connection: 'uds',
      idempotencyKey: randomUUID(),
      kind: 'createPurchase',
      body: {
        identifier: { type: 'code', value: marks.code },
        merchantReference: 'canary-by-command',
        receipt: { total: { amount: '10.00', currency: 'RUB' } },
        cashier: { externalId: marks.cashierId, name: marks.cashierName },
      },
    };
    const contact = { name: marks.contactName, email: `${marks.contactEmail} at home`, phone: marks.phone };
    const bad = {
      ...good,
      connection: 'recca',
      idempotencyKey: randomUUID(),
      kind: 'createLead',
      body: { contact },
    };
    await commands.add('command', good);
    await commands.add('command', bad);
    const dead = await bull.queue(`${commandQueueName('default')}.dead`);
    await expect.poll(() => dead.getWaitingCount()).toBe(1);
    await expect
      .poll(async () => await commands.getJobCounts())
      .toMatchObject({ active: 0, waiting: 0, delayed: 0, completed: 0, failed: 0 });
    await settled();
    await bull.close();
    // Until it is read, a command is stored as its sender wrote it.
    await house.sql.query('delete from canary_rows');
    const { postgres, redis } = await house.stored();
    expect(hits(postgres)).toEqual([]);
    expect(hits(redis)).toEqual([]);
  });
});
