import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { laneIdOf, newId } from '#canonical';
import { startEventWorkers } from '#events';
import { startWorkers } from '#outbound';
import type { OpenConnection } from '#outbound';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoresWatch } from '../../apps/gateway/src/stores-watch.js';
import { WorkerMetrics } from '../../apps/worker/src/worker-metrics.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

describe('metrics', () => {
  let world: World;
  let gateway: TestGateway;
  let uds: OpenConnection;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
    gateway = await startGateway(world);
    uds = await world.connect('uds');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await gateway?.close();
    await world?.close();
  });

  const read = async (): Promise<string> => {
    const { status, body } = await gateway.ask({ path: '/metrics', key: null });
    expect(status).toBe(200);
    return body;
  };
  const sql = (text: string, ...values: unknown[]) => world.core.database.direct.query(text, values);
  const put = async (state: string, age: string) => {
    const id = newId('opr');
    await sql(
      `insert into operations (id, tenant_id, connection_id, kind, lane, lane_class, retry_class, resource_type, resource_id,
         content_hash, state, nonce, created_at, wake_at)
       values ($1, $2, $3, 'createPurchase', $4, 'write', 'keyed', 'purchase', $1, 'hash', $5, gen_random_uuid(),
         now() - $6::interval, now() + interval '1 day')`,
      id,
      world.tenantId,
      uds.id,
      uds.lane.fingerprint,
      state,
      age,
    );
    return id;
  };

  it('show open operations by lane id, and the age of the oldest', async () => {
    await put('unknown', '900 seconds');
    await put('unknown', '5 seconds');
    await put('needs-review', '2 hours');
    await put('succeeded', '1 day');
    const text = await read();
    const lane = laneIdOf(uds.lane.fingerprint);
    expect(text).toContain(`gateway_open_operations{lane="${lane}",class="write",state="unknown"} 2`);
    expect(text).toContain(`gateway_open_operations{lane="${lane}",class="write",state="needs-review"} 1`);
    expect(text).not.toContain(uds.lane.fingerprint);
    expect(text).toMatch(/gateway_oldest_operation_seconds\{state="unknown"\} 9\d\d\./);
    expect(text).toMatch(/gateway_oldest_operation_seconds\{state="needs-review"\} 72\d\d\./);
    expect(text).toContain('gateway_oldest_operation_seconds{state="queued"} 0');
    expect(text).toContain('gateway_connections{provider="uds",state="callable"} 1');
  });

  it('show overdue holds, lanes that refuse callers, and unreachable webhook endpoints', async () => {
    const operation = await put('succeeded', '1 day');
    await sql(
      `insert into holds (id, tenant_id, connection_id, operation_id, guarantee, state, points, expires_at)
       values ('hld_1', $1, $2, $3, 'provider', 'active', 1, now() - interval '1 minute'),
              ('hld_2', $1, $2, $3, 'provider', 'active', 1, now() + interval '1 day'),
              ('hld_3', $1, $2, $3, 'provider', 'doubtful', 1, now() + interval '1 day')`,
      world.tenantId,
      uds.id,
      operation,
    );
    await sql(`insert into lane_states (lane, saturated_at, refused_at) values ('one', now(), now())`);
    await sql(
      `insert into subscriptions (id, tenant_id, target_type, events, state, failing_since)
       values ('sub_1', $1, 'queue', '{*}', 'active', now()), ('sub_2', $1, 'queue', '{*}', 'disabled', null)`,
      world.tenantId,
    );
    await sql(
      `insert into events (id, tenant_id, type, resource_type, resource_id, sequence, data, created_at)
       values ('evt_1', $1, 'purchase.succeeded', 'purchase', 'pur_1', 1, '{}', now() - interval '10 minutes')`,
      world.tenantId,
    );
    await sql(
      `insert into deliveries (id, tenant_id, subscription_id, event_id, event_type, next_at)
       values ('dlv_1', $1, 'sub_2', 'evt_1', 'purchase.succeeded', now() - interval '20 minutes'),
              ('dlv_2', $1, 'sub_1', 'evt_1', 'purchase.succeeded', now() + interval '1 day')`,
      world.tenantId,
    );
    const text = await read();
    expect(text).toContain('gateway_overdue_holds 1');
    expect(text).toContain('gateway_doubtful_holds 1');
    expect(text).toContain('gateway_troubled_lanes{trouble="saturated"} 1');
    expect(text).toContain('gateway_troubled_lanes{trouble="degraded"} 0');
    expect(text).toContain('gateway_subscriptions{state="failing"} 1');
    expect(text).toContain('gateway_subscriptions{state="disabled"} 1');
    expect(text).toContain('gateway_waiting_events 1');
    expect(text).toMatch(/gateway_oldest_event_seconds 6\d\d\./);
    expect(text).toContain('gateway_waiting_deliveries 2');
    expect(text).toMatch(/gateway_late_delivery_seconds 12\d\d\./);
  });

  it('count provider calls by outcome, and lanes with an open circuit', async () => {
    const program = () =>
      gateway.ask({
        path: '/v1/program',
        headers: { 'gateway-connection': uds.slug, 'cache-control': 'no-cache' },
      });
    expect(await program()).toMatchObject({ status: 200 });
    const text = await read();
    expect(text).toContain('gateway_provider_calls_total{provider="uds",outcome="done"} 1');
    expect(text).toMatch(/gateway_provider_call_seconds_total\{provider="uds",outcome="done"\} \d+\.\d/);
    expect(text).toContain('gateway_open_breakers 0');
    const breaker = world.core.breakers.of(uds.lane.fingerprint);
    for (let nth = 0; nth < 20; nth++) breaker.note({ kind: 'not-sent', reason: 'refused' });
    await expect.poll(read).toContain('gateway_open_breakers 1');
  });

  it('are served while Postgres is down, without the values it stores', async () => {
    vi.spyOn(world.core.database, 'ping').mockRejectedValue(new Error('away'));
    const text = await read();
    expect(text).toContain('gateway_store_up{store="postgres"} 0');
    expect(text).toContain('gateway_request_duration_seconds_count');
    expect(text).not.toContain('gateway_open_operations');
    expect(text).not.toContain('gateway_overdue_holds');
  });

  it('are served without the values of Postgres when a query fails', async () => {
    vi.spyOn(world.core.stores.figures, 'read').mockRejectedValue(new Error('canceling statement'));
    const log = vi.spyOn(world.core, 'log');
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      const text = await read();
      expect(text).toContain('gateway_store_up{store="postgres"} 1');
      expect(text).not.toContain('gateway_open_operations');
    }
    expect(log.mock.calls.filter(([level]) => level === 'warn')).toEqual([
      [
        'warn',
        'the figures that /metrics takes from Postgres could not be read',
        { error: 'Error: canceling statement' },
      ],
    ]);
  });

  it('of workers alone are alerted on also when no worker is left to report them', () => {
    const ofWorkers = [...page.matchAll(/^\| `(gateway_\w+)` \|[^|]*\| worker \|/gm)].map(
      ([, name]) => name!,
    );
    expect(ofWorkers).toContain('gateway_last_sweep_timestamp_seconds');
    const [, alerts] = page.split('Recommended alerts:');
    const blind = ofWorkers.filter(name => alerts!.includes(name) && !alerts!.includes(`absent(${name})`));
    expect(blind).toEqual([]);
  });

  it('are exactly those in the documentation', async () => {
    const operations = startWorkers(world.core, world.queues);
    const events = await startEventWorkers(world, world.settings.databaseUrl);
    const worker = new WorkerMetrics(world.core, new StoresWatch(world.core), { operations, events });
    const texts = [await read(), await worker.read()];
    await Promise.all([operations.close(), events.close()]);
    const names = new Set(
      texts.flatMap(text => [...text.matchAll(/^# TYPE (gateway_\w+)/gm)].map(([, name]) => name)),
    );
    const listed = new Set([...page.matchAll(/^\| `(gateway_\w+)/gm)].map(([, name]) => name));
    expect([...listed].toSorted()).toEqual([...names].toSorted());
  });
});
