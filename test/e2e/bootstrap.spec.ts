import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registry } from '#adapters';
import { connectionById, createCore } from '#outbound';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../apps/gateway/src/bootstrap/bootstrap.js';
import { newKey } from '../../apps/gateway/src/auth/key-hash.js';
import type { Settings } from '../../apps/gateway/src/settings.js';
import { startGateway } from '../support/gateway.js';
import type { Ask, TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

describe('a start', () => {
  let world: World;
  let gateway: TestGateway;
  let settings: Settings;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
    settings = {
      ...world.settings,
      egressAllow: [...world.settings.egressAllow],
      port: 0,
      host: '127.0.0.1',
      dataDir: join(await mkdtemp(join(tmpdir(), 'bootstrap-spec-')), 'data'),
      bootstrapKey: newKey(),
      keyRateLimit: 1_000,
      sandbox: { host: '127.0.0.1', port: world.sandbox.port },
      logLevel: 'silent',
    };
    gateway = await startGateway(world);
  });
  afterAll(async () => {
    await gateway?.close();
    await world?.close();
    await rm(join(settings.dataDir, '..'), { recursive: true, force: true });
  });

  it('creates a first key, and with a sandbox a demo connection per provider', async () => {
    const { demoKey } = await bootstrap(world, settings);
    const { data } = (await gateway.ask({ path: '/v1/connections', key: demoKey })).body;
    expect(data.map((one: any) => one.slug).toSorted()).toEqual(Object.keys(registry).toSorted());
    for (const { id } of data) {
      const checked = await gateway.ask({
        method: 'POST',
        path: `/v1/connections/${id}/check`,
        key: demoKey,
      });
      expect(checked.body.lastCheck.result).toBe('passed');
    }
    expect((await gateway.ask({ path: '/v1/program', key: demoKey })).status).toBe(200);
    expect((await gateway.ask({ path: '/v1/tenants', key: demoKey })).status).toBe(403);
    expect((await gateway.ask({ path: '/v1/tenants', key: settings.bootstrapKey })).status).toBe(200);
    const file = join(settings.dataDir, 'demo-key');
    expect((await readFile(file, 'utf8')).trim()).toBe(demoKey);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('changes nothing on a second start, except restoring its keys', async () => {
    const first = await bootstrap(world, settings);
    const before = (await gateway.ask({ path: '/v1/connections', key: first.demoKey })).body.data;
    const { data } = (await gateway.ask({ path: '/v1/api-keys', key: first.demoKey })).body;
    const demo = data.find((one: any) => one.name === 'demo');
    await gateway.ask({ method: 'DELETE', path: `/v1/api-keys/${demo.id}`, key: settings.bootstrapKey });
    const again = await bootstrap(world, settings);
    expect(again).toEqual(first);
    const after = (await gateway.ask({ path: '/v1/connections', key: first.demoKey })).body.data;
    expect(after.map((one: any) => [one.id, one.updatedAt])).toEqual(
      before.map((one: any) => [one.id, one.updatedAt]),
    );
  });

  it('makes a deleted demo connection again, also as the default of its key', async () => {
    const { demoKey } = await bootstrap(world, settings);
    const read = async (path: string) => (await gateway.ask({ path, key: demoKey })).body;
    const gone = await read('/v1/connections/uds');
    await gateway.ask({ method: 'DELETE', path: `/v1/connections/${gone.id}`, key: demoKey });
    await bootstrap(world, settings);
    const made = await read('/v1/connections/uds');
    expect(made.id).not.toBe(gone.id);
    const demo = (await read('/v1/api-keys')).data.find((one: any) => one.name === 'demo');
    expect(demo.defaultConnectionId).toBe(made.id);
  });

  it('follows a moved sandbox', async () => {
    const moved = { ...settings, sandbox: { host: '127.0.0.1', port: 4999 } };
    const { demoKey } = await bootstrap(world, moved);
    const { data } = (await gateway.ask({ path: '/v1/connections', key: demoKey })).body;
    for (const { baseUrl } of data) expect(baseUrl).toContain('http://127.0.0.1:4999/');
  });

  it('calls a demo connection callable again whose sandbox was away, once it has followed it', async () => {
    await bootstrap(world, settings);
    await world.core.database.direct.query(`update connections set state = 'degraded' where slug = 'uds'`);
    const moved = { ...settings, sandbox: { host: '127.0.0.1', port: 4997 } };
    const { demoKey } = await bootstrap(world, moved);
    expect((await gateway.ask({ path: '/v1/connections/uds', key: demoKey })).body.state).toBe('callable');
  });

  it("leaves a connection that was moved to a real account, or made anew under the demo's slug, as it is", async () => {
    const { demoKey: key } = await bootstrap(world, settings);
    const ask = (method: Ask['method'], slug: string, body?: object) =>
      gateway.ask({
        method,
        path: `/v1/connections${slug}`,
        key,
        body,
        headers: { 'idempotency-key': randomUUID() },
      });
    const moved = { companyId: '549755819292', apiKey: 'key-of-a-merchant' };
    await ask('PATCH', '/uds', { baseUrl: 'http://127.0.0.1:4998/partner/v2', credentials: moved });
    await ask('DELETE', '/loyalclient');
    const anew = { baseUrl: 'http://127.0.0.1:4998/loyalclient', credentials: { apiKey: moved.apiKey } };
    await ask('POST', '', { provider: 'loyalclient', slug: 'loyalclient', ...anew });
    const stored = () =>
      world.core.database.direct.query(
        `select slug, base_url, lane, encode(credentials, 'hex') as sealed, updated_at from connections
         where base_url like 'http://127.0.0.1:4998/%' and deleted_at is null order by slug`,
      );
    const before = await stored();
    expect(before.map((row: any) => row.slug)).toEqual(['loyalclient', 'uds']);
    await bootstrap(world, settings);
    expect(await stored()).toEqual(before);
  });

  it('stops with an explanation when the database was sealed with another master key', async () => {
    const strange = { ...world.settings, masterKey: randomBytes(32) };
    await expect(createCore(strange)).rejects.toThrow(/MASTER_KEY is not the key that this database/);
  });

  it('opens what was sealed under the master key that it replaces', async () => {
    const connected = await world.connect('uds');
    const said: string[] = [];
    const log = (_level: string, message: string) => void said.push(message);
    const replaced = { masterKey: randomBytes(32), previousMasterKey: world.settings.masterKey, log };
    const open = await createCore({ ...world.settings, ...replaced });
    try {
      const connection = await connectionById(open.core, open.core.database.direct, connected.id);
      expect(connection.credentials).toEqual(connected.credentials);
      expect(said).toEqual([expect.stringMatching(/^MASTER_KEY has replaced the previous one/)]);
    } finally {
      await open.close();
    }
    await expect(createCore(world.settings)).rejects.toThrow(/MASTER_KEY is not the key/);
  });
});
