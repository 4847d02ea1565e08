import { createCore } from '#outbound';
import type { OpenCore } from '#outbound';
import { registry } from '#adapters';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../support/gateway.js';
import type { TestGateway } from '../../support/gateway.js';
import { startServer } from '../../support/server.js';
import { startWorld } from '../../support/world.js';
import type { World } from '../../support/world.js';

/** Notations of addresses that only the gateway can reach. */
const inside = [
  'http://127.0.0.1:{port}/',
  'https://127.0.0.1:{port}/',
  'https://localhost:{port}/',
  'https://x.localhost/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://127。0。0。1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://224.0.0.1/',
  'http://93.184.215.14/',
  'ftp://93.184.215.14/',
  'file:///etc/passwd',
  'https://user:word@93.184.215.14/',
  'https://93.184.215.14/#x',
];

describe('an address that only the gateway can reach', () => {
  let world: World;
  let open: OpenCore;
  let gateway: TestGateway;
  let secret: { url: string; close(): Promise<void> };
  let asked = 0;

  beforeAll(async () => {
    world = await startWorld({ store: 'postgres' });
    // Only the sandbox is allowed, as with `npm start`.
    open = await createCore({ ...world.settings, egressAllow: [`127.0.0.1:${world.sandbox.port}`] });
    gateway = await startGateway({ ...world, ...open });
    secret = await startServer((_, response) => {
      asked++;
      response.end('the secret of the house');
    });
  });
  afterAll(async () => {
    expect(asked).toBe(0);
    await gateway?.close();
    await open?.core.background.drain(5_000);
    await open?.close();
    await secret?.close();
    await world?.close();
  });

  const write = (method: 'POST' | 'PATCH', path: string, body: unknown) =>
    gateway.ask({ method, path, body, headers: { 'idempotency-key': randomUUID() } });
  const account = async (provider: string, baseUrl: string) => {
    const { demo } = await registry[provider]!.simulator();
    return { provider, baseUrl, credentials: demo.credentials, settings: demo.settings };
  };
  const uds = async () =>
    (await write('POST', '/v1/connections', await account('uds', world.sandbox.baseUrl('uds')))).body;

  it.each(inside)('is refused as a base URL and as a webhook: %s', async written => {
    const url = written.replace('{port}', new URL(secret.url).port);
    for (const provider of Object.keys(registry)) {
      const told = await write('POST', '/v1/connections', await account(provider, url));
      expect([provider, told.status]).toEqual([provider, 422]);
      expect(told.body).toMatchObject({ code: 'validation-failed', errors: [{ pointer: '/baseUrl' }] });
      expect(JSON.stringify(told.body)).not.toContain('secret of the house');
    }
    const subscribed = await write('POST', '/v1/subscriptions', {
      target: { type: 'webhook', url },
      events: ['*'],
    });
    expect(subscribed).toMatchObject({ status: 422, body: { errors: [{ pointer: '/target/url' }] } });
  });

  it('is refused as the new base URL of a connection', async () => {
    const { id } = await uds();
    for (const baseUrl of [secret.url, 'https://169.254.169.254/']) {
      expect(await write('PATCH', `/v1/connections/${id}`, { baseUrl })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/baseUrl' }] },
      });
    }
    expect((await gateway.ask({ path: `/v1/connections/${id}` })).body.baseUrl).toBe(
      world.sandbox.baseUrl('uds'),
    );
  });

  it('is checked at every connect, so that a stored one is not called', async () => {
    const { id } = await uds();
    await world.core.database.source.query('update connections set base_url = $2 where id = $1', [
      id,
      secret.url,
    ]);
    const told = await gateway.ask({ path: '/v1/program', headers: { 'gateway-connection': id } });
    expect(told).toMatchObject({ status: 503, body: { code: 'provider-unavailable' } });
    expect(told.body.detail).toContain('EGRESS_ALLOW does not cover it');
  });

  it('is not reached through a provider’s redirect', async () => {
    const { id } = await uds();
    for (const status of [301, 302, 303, 307, 308]) {
      const params = { status, to: secret.url };
      await world.control('faults', { provider: 'uds', fault: 'redirect', count: 2, params });
      const told = await gateway.ask({
        path: '/v1/customers?limit=1',
        headers: { 'gateway-connection': id, prefer: 'wait=10' },
      });
      expect(told).toMatchObject({ status: 502, body: { provider: { name: 'uds', status } } });
      expect(JSON.stringify(told.body)).not.toMatch(/secret of the house|127\.0\.0\.1/);
    }
  });
});
