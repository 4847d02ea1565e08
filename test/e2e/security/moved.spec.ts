import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completeConsent, consentKind, customerKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { ConsentSession, Customer } from '#canonical';
import type { TestGateway } from '../../support/gateway.js';
import { startServer } from '../../support/server.js';
import { startStack } from '../../support/stack.js';
import type { Stack } from '../../support/stack.js';
import type { World } from '../../support/world.js';

let stack: Stack;
let world: World;
let gateway: TestGateway;
let elsewhere: { url: string; close(): Promise<void> };
let heard: string[] = [];
let key: string;
let uds: OpenConnection;

beforeAll(async () => {
  stack = await startStack({ sandbox: { only: ['uds', 'recca'] } });
  ({ world, gateway } = stack);
  elsewhere = await startServer((request, response) => {
    heard.push(String(request.headers.authorization));
    response.end('{}');
  });
  key = await gateway.makeKey({ scopes: ['connections:write', 'loyalty:read'] });
});
beforeEach(async () => {
  heard = [];
  uds = await world.connect('uds');
});
afterAll(async () => {
  await stack.close();
  await elsewhere.close();
});

const move = (body: object, { id } = uds) =>
  gateway.ask({ method: 'PATCH', path: `/v1/connections/${id}`, key, body });
const check = () => gateway.ask({ method: 'POST', path: `/v1/connections/${uds.id}/check`, key });
const stored = async (id = uds.id) =>
  (await world.core.stores.connections.byId(world.core.database.direct, id))!;
const others = { companyId: '549755813999', apiKey: 'key-of-another-place' };

describe('a connection that is moved to another host', () => {
  it('is refused without new credentials, so that the old ones are not sent there', async () => {
    const baseUrl = 'https://api.uds.app/partner/v2';
    await world.core.stores.connections.update(world.core.database.direct, uds.id, { baseUrl });
    const told = await move({ baseUrl: `${elsewhere.url}/partner/v2` });
    expect(told).toMatchObject({
      status: 422,
      body: { code: 'validation-failed', errors: [{ pointer: '/credentials' }] },
    });
    expect({ row: (await stored()).baseUrl, heard }).toEqual({ row: baseUrl, heard: [] });
  });

  it('keeps its credentials between ports of the gateway’s own machine', async () => {
    const before = await stored();
    expect((await move({ baseUrl: elsewhere.url })).status).toBe(200);
    const after = await stored();
    expect(after.credentials).toEqual(before.credentials);
    expect(after.lane).not.toBe(before.lane);
  });

  it('needs complete new credentials: none of the old ones are kept', async () => {
    const told = await move({ baseUrl: elsewhere.url, credentials: { companyId: others.companyId } });
    expect(told).toMatchObject({ status: 422, body: { errors: [{ pointer: '/credentials/apiKey' }] } });
  });

  it('sends only the new credentials, and forgets what was verified with the old ones', async () => {
    await check();
    const before = await stored();
    const told = await move({ baseUrl: elsewhere.url, credentials: others });
    expect(told).toMatchObject({ status: 200, body: { baseUrl: elsewhere.url, state: 'callable' } });
    expect(told.body).not.toHaveProperty('lastCheck');
    const after = await stored();
    expect(after.lane).not.toBe(before.lane);
    expect(after.dataKey).not.toEqual(before.dataKey);
    await check();
    const proof = Buffer.from(`${others.companyId}:${others.apiKey}`).toString('base64');
    expect(heard).toEqual([`Basic ${proof}`]);
  });

  it('refuses new credentials for an unchanged address: rotation has its own call', async () => {
    const { baseUrl } = await stored();
    for (const body of [{ credentials: others }, { baseUrl: `${baseUrl}/v3`, credentials: others }])
      expect(await move(body)).toMatchObject({
        status: 422,
        body: {
          errors: [{ pointer: '/credentials', detail: expect.stringContaining('/credentials, which') }],
        },
      });
  });

  it('keeps its credentials on another path of the same host', async () => {
    const before = await stored();
    expect((await move({ baseUrl: `${before.baseUrl}/other` })).status).toBe(200);
    expect((await stored()).credentials).toEqual(before.credentials);
  });

  it('drops the tokens of its end users', async () => {
    const recca = await world.connect('recca');
    const ivan = (await world.write(customerKind, recca, { body: { externalId: 'mysite:vk:12345' } }))
      .body as Customer;
    const session = (await world.write(consentKind, recca, { body: { customerId: ivan.id } }))
      .body as ConsentSession;
    await completeConsent(world.core, world.tenantId, session.id, {
      token: 'token-of-ivan',
      userId: 'ub_GB_xyz',
      expiresAt: Date.now() + 3_600_000,
      state: session.state,
    });
    const token = () =>
      world.core.stores.consents.newestSealed(
        world.core.database.direct,
        recca.id,
        'consent-session',
        ivan.id,
      );
    expect(await token()).not.toBeNull();
    const told = await move({ baseUrl: elsewhere.url, credentials: { tenantKey: 'another-key' } }, recca);
    expect(told.status).toBe(200);
    expect(await token()).toBeNull();
  });
});
