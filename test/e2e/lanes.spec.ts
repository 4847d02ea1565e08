import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '#adapters';
import { laneIdOf } from '#canonical';
import { purchaseKind, sweep } from '#outbound';
import type { OpenConnection } from '#outbound';
import { createGateway } from '../../apps/gateway/src/gateway.js';
import { pino } from 'pino';
import type { TestGateway } from '../support/gateway.js';
import { startStack } from '../support/stack.js';
import type { Stack } from '../support/stack.js';
import type { World } from '../support/world.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const sale = () => ({
  identifier: { type: 'code', value: '123456' },
  merchantReference: randomUUID(),
  receipt: { total: rub('10.00') },
});

describe('lanes over REST', () => {
  let stack: Stack;
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;
  let clock = 0;

  beforeAll(async () => {
    stack = await startStack({ now: () => new Date(Date.now() + clock) });
    ({ world, gateway } = stack);
    uds = await world.connect('uds');
  });
  afterAll(() => stack.close());

  const laneOf = async ({ id }: OpenConnection) => {
    const { body } = await gateway.ask({ path: '/v1/lanes?limit=100' });
    return body.data.find((lane: any) => lane.connectionIds.includes(id));
  };
  const eventsOf = async (type: string) =>
    (await world.core.database.direct.query(
      `select resource_id as "resourceId", data->>'state' as state from events where type = $1 order by created_at`,
      [type],
    )) as { resourceId: string; state: string }[];
  const settled = () => world.core.background.drain(5_000);

  it('shows every lane once, with its queue and wait, and never a whole fingerprint', async () => {
    const lane = await laneOf(uds);
    expect(lane).toMatchObject({
      id: laneIdOf(uds.lane.fingerprint),
      provider: 'uds',
      connectionIds: [uds.id],
      limit: { requests: 5, perMs: 1_000 },
      waiting: { interactive: 0, write: 0, reconcile: 0, bulk: 0 },
      saturated: false,
      breaker: 'closed',
    });
    const { body } = await gateway.ask({ path: '/v1/lanes?limit=100' });
    expect(JSON.stringify(body)).not.toContain(uds.lane.fingerprint);
    expect(lane.id.length).toBeLessThan(20);
  });

  it('shares one lane between connections with the same credentials, under the id used in operations', async () => {
    const { demo } = await registry['uds']!.simulator();
    const account = { provider: 'uds', baseUrl: world.sandbox.baseUrl('uds'), credentials: demo.credentials };
    const make = () =>
      gateway.ask({
        method: 'POST',
        path: '/v1/connections',
        body: { ...account, settings: demo.settings, slug: `twin-${randomUUID().slice(0, 8)}` },
        headers: { 'idempotency-key': randomUUID() },
      });
    const [one, other] = [await make(), await make()];
    const { body } = await gateway.ask({ path: '/v1/lanes?limit=100' });
    const lane = body.data.find((each: any) => each.connectionIds.includes(one.body.id));
    expect(lane.id).toMatch(/^uds-[0-9a-f]{6}$/);
    expect(lane.connectionIds.toSorted()).toEqual([one.body.id, other.body.id].toSorted());
    expect(one.body.lane.id).toBe(lane.id);

    const queued = await gateway.ask({
      method: 'POST',
      path: '/v1/purchases',
      body: sale(),
      headers: {
        'gateway-connection': one.body.id,
        'idempotency-key': randomUUID(),
        prefer: 'respond-async',
      },
    });
    expect(queued).toMatchObject({ status: 202, body: { state: 'queued', queue: { laneId: lane.id } } });
    const after = await gateway.ask({ path: '/v1/lanes?limit=100' });
    expect(after.body.data.find((each: any) => each.id === lane.id).waiting.interactive).toBe(1);
  });

  it('lists lanes in pages', async () => {
    await world.connect('recca');
    const first = await gateway.ask({ path: '/v1/lanes?limit=1' });
    expect(first.body.data).toHaveLength(1);
    const next = await gateway.ask({ path: `/v1/lanes?limit=100&cursor=${first.body.nextCursor}` });
    expect(next.body.nextCursor).toBeNull();
    const all = await gateway.ask({ path: '/v1/lanes?limit=100' });
    expect([...first.body.data, ...next.body.data].map((lane: any) => lane.id)).toEqual(
      all.body.data.map((lane: any) => lane.id),
    );
  });

  it('shows no lanes to another tenant', async () => {
    const other = await world.tenants.ensure(world.core.database.direct, 'other', 'Other');
    const key = await gateway.makeKey({ tenantId: other.id });
    expect((await gateway.ask({ path: '/v1/lanes', key })).body).toEqual({ data: [], nextCursor: null });
    const scopeless = await gateway.makeKey({ scopes: ['audit:read'] });
    expect((await gateway.ask({ path: '/v1/lanes', key: scopeless })).status).toBe(403);
  });

  it('counts the operations queued before one, and estimates its wait by the lane’s rate', async () => {
    const slow = await world.connect('uds');
    await world.core.stores.connections.update(world.core.database.direct, slow.id, { requestsPerSecond: 2 });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const answer = await world.write(purchaseKind, slow, { body: sale(), waitMs: 0 });
      ids.push(answer.operationId!);
    }
    const third = await gateway.ask({ path: `/v1/operations/${ids[2]}` });
    expect(third.body.queue).toEqual({
      laneId: laneIdOf(slow.lane.fingerprint),
      position: 2,
      etaMs: 1_000,
    });
    expect(await laneOf(slow)).toMatchObject({
      limit: { requests: 2 },
      waiting: { interactive: 3 },
      etaMs: 1_500,
    });
  });

  it('does not let a new call wait behind those of a paused connection', async () => {
    const [open, paused] = [await world.connect('uds'), await world.connect('uds')];
    const { connections } = world.core.stores;
    await connections.update(world.core.database.direct, paused.id, { lane: open.lane.fingerprint });
    for (const shop of [open, await world.reopen(paused), await world.reopen(paused)])
      await world.write(purchaseKind, shop, { body: sale(), waitMs: 0 });
    await connections.update(world.core.database.direct, paused.id, { state: 'paused' });
    expect(await laneOf(open)).toMatchObject({ waiting: { interactive: 3 }, etaMs: 200 });
  });

  it('includes the starts that interactive calls take in the estimate', async () => {
    const shop = await world.connect('uds');
    for (let i = 0; i < 4; i++) await world.write(purchaseKind, shop, { body: sale(), waitMs: 0 });
    expect(await laneOf(shop)).toMatchObject({ etaMs: 800 });
    // The store drops an idle lane within seconds, so a slow machine needs several attempts.
    const besidePeople = async () => {
      await world.core.lanes.enter(shop.lane, 'interactive', 5_000);
      return (await laneOf(shop)).etaMs;
    };
    await expect.poll(besidePeople).toBe(1_000);
  });

  it('allows the rate of its fastest connection, while each connection’s calls wait by its own', async () => {
    const [fast, slow] = [await world.connect('uds'), await world.connect('uds')];
    const { connections } = world.core.stores;
    await connections.update(world.core.database.direct, slow.id, {
      requestsPerSecond: 2,
      lane: fast.lane.fingerprint,
    });
    for (const shop of [fast, await world.reopen(slow), await world.reopen(slow)])
      await world.write(purchaseKind, shop, { body: sale(), waitMs: 0 });
    expect(await laneOf(slow)).toMatchObject({
      limit: { requests: 5 },
      waiting: { interactive: 3 },
      etaMs: 1_200,
    });
  });

  it('refuses a caller with the real retry time, and emits one event for all refusals', async () => {
    const busy = await world.connect('uds');
    await world.core.lanes.pause(busy.lane, 30_000);
    const look = () =>
      gateway.ask({ path: '/v1/program', headers: { 'gateway-connection': busy.id, prefer: 'wait=0' } });
    const refused = await Promise.all([look(), look(), look()]);
    for (const { status, body, headers } of refused) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'lane-saturated' });
      expect(Number(headers['retry-after'])).toBeGreaterThan(20);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(31);
    }
    await settled();
    expect(await laneOf(busy)).toMatchObject({ saturated: true });
    const laneId = laneIdOf(busy.lane.fingerprint);
    const told = async (type: string) =>
      (await eventsOf(type)).filter(event => event.resourceId === laneId).map(event => event.state);
    expect(await told('lane.saturated')).toEqual(['saturated']);
    await sweep(world.core);
    expect(await told('lane.recovered')).toEqual([]);

    clock += 60_000;
    await Promise.all([sweep(world.core), sweep(world.core)]);
    clock = 0;
    expect(await told('lane.saturated')).toEqual(['saturated']);
    expect(await told('lane.recovered')).toEqual(['recovered']);
    expect(await laneOf(busy)).toMatchObject({ saturated: false });
  });

  it('calls connections degraded while the provider keeps their lane paused, and callable after it', async () => {
    const asked = await world.connect('uds');
    await world.control('faults', { provider: 'uds', fault: '429-retry-after-3600', count: 1 });
    const program = () =>
      gateway.ask({ path: '/v1/program', headers: { 'gateway-connection': asked.id, prefer: 'wait=25' } });
    expect((await program()).body.detail).toMatch(/^UDS refused the call as too frequent \(429\)/);
    expect((await program()).body.detail).toContain('nothing was sent');
    await settled();
    const state = async () => (await gateway.ask({ path: `/v1/connections/${asked.id}` })).body.state;
    await expect.poll(state).toBe('degraded');
    expect((await laneOf(asked)).pausedUntil).toBeDefined();
    const changes = async () =>
      (await eventsOf('connection.state-changed'))
        .filter(event => event.resourceId === asked.id)
        .map(event => event.state);
    await sweep(world.core);
    expect(await changes()).toEqual(['degraded']);

    clock += 90_000;
    await sweep(world.core);
    clock = 0;
    expect(await state()).toBe('callable');
    expect(await changes()).toEqual(['degraded', 'callable']);
  });

  it('calls a degraded connection callable once it was moved to another host, whose lane has no trouble', async () => {
    const moved = await world.connect('uds');
    await world.control('faults', { provider: 'uds', fault: '429-retry-after-3600', count: 1 });
    await gateway.ask({
      path: '/v1/program',
      headers: { 'gateway-connection': moved.id, prefer: 'wait=25' },
    });
    await settled();
    const path = `/v1/connections/${moved.id}`;
    expect((await gateway.ask({ path })).body.state).toBe('degraded');
    const body = { baseUrl: 'http://127.0.0.1:1', credentials: moved.credentials };
    expect((await gateway.ask({ method: 'PATCH', path, body })).body).toMatchObject({ state: 'callable' });
    const told = (await eventsOf('connection.state-changed')).filter(event => event.resourceId === moved.id);
    expect(told.map(event => event.state)).toEqual(['degraded', 'callable']);
  });

  /** A listening gateway that the test stops. */
  async function listening() {
    const settings = {
      ...world.settings,
      egressAllow: [...world.settings.egressAllow],
      port: 0,
      host: '127.0.0.1',
      dataDir: '/nowhere',
      keyRateLimit: 100_000,
      logLevel: 'silent' as const,
    };
    const own = await createGateway({ settings, open: world, logger: pino({ level: 'silent' }) });
    await own.app.listen(0, '127.0.0.1');
    return { ...own, url: await own.app.getUrl() };
  }
  const watch = (url: string, key: string) =>
    fetch(`${url}/v1/lanes/stream`, { headers: { authorization: `Bearer ${key}` } });

  it('streams all lanes first, then changes, and ends cleanly when the process stops', async () => {
    const own = await listening();
    const answer = await watch(own.url, gateway.key);
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(answer.headers.get('x-request-id')).not.toBeNull();
    const events = eventsIn(answer.body!);
    const first = await events.next();
    expect(first.value.event).toBe('lanes');
    expect(first.value.data.map((lane: any) => lane.connectionIds).flat()).toContain(uds.id);

    await world.write(purchaseKind, uds, { body: sale(), waitMs: 0 });
    const mine = laneIdOf(uds.lane.fingerprint);
    let change: any;
    do change = (await events.next()).value;
    while (!change.data.some((lane: any) => lane.id === mine && lane.waiting.interactive === 1));
    expect(change.event).toBe('changed');

    own.stopping.begin();
    while (!(await events.next()).done);
    await own.app.close();
  });

  it('closes the open streams of a revoked key', async () => {
    const own = await listening();
    const keys = `${own.url}/v1/api-keys`;
    const headers = { authorization: `Bearer ${gateway.key}` };
    const made = await fetch(keys, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'screen', scopes: ['lanes:read'] }),
    });
    const screen: any = await made.json();
    const events = eventsIn((await watch(own.url, screen.key)).body!);
    expect((await events.next()).value.event).toBe('lanes');
    await fetch(`${keys}/${screen.id}`, { method: 'DELETE', headers });
    while (!(await events.next()).done);
    await own.app.close();
  });
});

async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<any> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) yield { event, ...JSON.parse(data) };
    }
  }
}
