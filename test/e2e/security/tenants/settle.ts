import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, vi } from 'vitest';
import type { OpenConnection } from '#outbound';
import type { TestGateway, Told } from '../../../support/gateway.js';
import type { World } from '../../../support/world.js';

const receipt = { total: { amount: '100.00', currency: 'RUB' } };

/** A tenant's resources: one of each kind with an id. */
export interface Estate {
  key: string;
  connections: { id: string; slug: string; lane: { id: string } }[];
  ids: Record<string, string>;
  customer: string;
  referrer: string;
  identityToken: string;
  hold: string;
  lead: string;
  operation: string;
  subscription: string;
  receipt: typeof receipt;
  /** The id of a route's resource. */
  idFor(path: string): string | undefined;
  slugOf(provider: string): string;
  /** Everything as its owner sees it. */
  look(): Promise<unknown[]>;
}

/** Creates one of each resource with the tenant's own key, over REST. */
export async function settle(world: World, gateway: TestGateway): Promise<Estate> {
  const key = await gateway.makeKey({});
  const opened: Record<string, OpenConnection> = {};
  for (const provider of ['uds', 'loyalclient', 'recreativ', 'pp', 'recca'])
    opened[provider] = await world.connect(provider);
  const post = async (path: string, body: unknown, provider?: string): Promise<Told> => {
    const headers = {
      'idempotency-key': randomUUID(),
      prefer: 'wait=25',
      ...(provider && { 'gateway-connection': opened[provider]!.slug }),
    };
    const told = await gateway.ask({ method: 'POST', path: `/v1/${path}`, body, key, headers });
    expect([path, told.status < 300, told.status < 300 || told.body]).toEqual([path, true, true]);
    return told;
  };
  const subscription = (await subscribed(post)).id;
  const code = { identifier: { type: 'code', value: '123456' } };
  const anna = (await post('customers/lookup', { ...code, receipt }, 'uds')).body;
  const sold = (await post('purchases', { ...code, merchantReference: 'a-1', receipt }, 'uds')).body;
  await post('purchases', { ...code, merchantReference: 'a-2', receipt }, 'uds');
  const refund = (await post(`purchases/${sold.id}/refunds`, { merchantReference: 'r-1' }, 'uds')).body;
  const phone = { identifier: { type: 'phone', value: '+79031234567' } };
  const hold = (await post('holds', { ...phone, points: '10' }, 'loyalclient')).body;
  const ivan = (await post('customers', { externalId: 'mysite:vk:12345' }, 'recca')).body;
  const lead = (
    await post('referral/leads', { referrerCustomerId: ivan.id, contact: { name: 'Pavel' } }, 'recca')
  ).body;
  const session = (await post('consent-sessions', { customerId: ivan.id }, 'recca')).body;
  await post('referral/payouts', { methodId: '1', account: 'U1234567' }, 'pp');
  const till = (await post('api-keys', { name: 'till', scopes: ['loyalty:read'] })).body;
  await post('api-keys', { name: 'another', scopes: ['loyalty:read'] });
  await post(`connections/${opened['uds']!.id}/pause`, {});
  await post(`connections/${opened['uds']!.id}/resume`, {});
  const get = async (path: string) => (await gateway.ask({ path: `/v1/${path}`, key })).body;
  const delivered = async () => expect((await get('deliveries')).data).not.toEqual([]);
  await vi.waitFor(delivered, { timeout: 60_000, interval: 100 });
  const [delivery] = (await get('deliveries')).data;
  const ids: Record<string, string> = {
    connections: opened['uds']!.id,
    'api-keys': till.id,
    customers: anna.id,
    holds: hold.id,
    purchases: sold.id,
    refunds: refund.id,
    'consent-sessions': session.id,
    operations: sold.operationId,
    subscriptions: subscription,
    deliveries: delivery.id,
    x: ivan.id,
  };
  const { data: connections } = await get('connections');
  const seen = [
    'connections',
    'customers',
    'holds',
    'purchases',
    'refunds',
    'consent-sessions',
    'operations',
    'subscriptions',
  ];
  return {
    key,
    connections,
    ids,
    customer: anna.id,
    referrer: ivan.id,
    identityToken: anna.identityToken.token,
    hold: hold.id,
    lead: lead.id,
    operation: sold.operationId,
    subscription,
    receipt,
    idFor: path => ids[path.split('/').find(part => part !== '' && part !== 'v1')!],
    slugOf: provider => opened[provider]!.slug,
    look: async () => {
      const places = [...seen.map(kind => `${kind}/${ids[kind]}`), 'api-keys', 'audit-log'];
      return (await Promise.all(places.map(place => get(place)))).map(withoutTraffic);
    },
  };
}

/** A lane's figures change with every test's calls and belong to no tenant. */
const withoutTraffic = (told: unknown): unknown =>
  JSON.parse(JSON.stringify(told, (name, value: unknown) => (name === 'lane' ? undefined : value)));

async function subscribed(post: (path: string, body: unknown) => Promise<Told>): Promise<{ id: string }> {
  const shop = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  shop.unref();
  const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`;
  return (await post('subscriptions', { target: { type: 'webhook', url }, events: ['*'] })).body;
}
