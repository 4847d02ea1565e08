import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registry } from '#adapters';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { calls } from './api-document.js';
import { undocumented } from './documented-answer.js';
import { requestsTo } from './requests.js';
import type { FuzzedRequest, KnownIds } from './requests.js';

// `npm run fuzz` sends more.
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1_500);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const AT_ONCE = 8;
const PER_PROVIDER = 6;

let world: World;
let gateway: TestGateway;

beforeAll(async () => {
  world = await startWorld({ sandbox: { rateLimit: { recreativ: false } } });
  gateway = await startGateway(world);
});
afterAll(async () => {
  await gateway.close();
  await world.close();
});

/** Existing resources: without them nearly every answer would be a 404. */
async function someIds(): Promise<KnownIds> {
  const names = Object.keys(registry).flatMap(name => Array.from({ length: PER_PROVIDER }, () => name));
  const connections = await Promise.all(names.map(name => world.connect(name)));
  const at = (provider: string) => connections.find(each => each.provider === provider)!.id;
  const make = async (provider: string, path: string, body: object) => {
    const headers = {
      'gateway-connection': at(provider),
      'idempotency-key': randomUUID(),
      prefer: 'wait=20',
    };
    const told = await gateway.ask({ method: 'POST', path, body, headers });
    expect(told.status, JSON.stringify(told.body)).toBeLessThan(300);
    return told.body;
  };
  const code = { identifier: { type: 'code', value: '123456' } };
  const receipt = { total: { amount: '1000.00', currency: 'RUB' } };
  const anna = await make('uds', '/v1/customers/lookup', code);
  const boris = await make('recreativ', '/v1/customers/lookup', {
    identifier: { type: 'uid', value: '6002' },
  });
  const ivan = await make('recca', '/v1/customers', { externalId: 'mysite:vk:12345' });
  const bought = await make('uds', '/v1/purchases', { ...code, merchantReference: 'o-1', receipt });
  const back = await make('uds', `/v1/purchases/${bought.id}/refunds`, {
    merchantReference: 'r-1',
    amount: { amount: '1.00', currency: 'RUB' },
  });
  const held = await make('loyalclient', '/v1/holds', {
    identifier: { type: 'card', value: '2000000000024' },
    points: '5',
  });
  const contact = { name: 'Мария' };
  const lead = await make('recca', '/v1/referral/leads', { referrerCustomerId: ivan.id, contact });
  const consent = await make('recca', '/v1/consent-sessions', { customerId: ivan.id });
  const people = [anna.id, boris.id, ivan.id];
  return {
    at: connections.map(({ id }) => id),
    connections: connections.map(({ id }) => id),
    customers: people,
    customerId: people,
    referrerCustomerId: [ivan.id],
    purchases: [bought.id],
    refunds: [back.id],
    holds: [held.id],
    holdIds: [held.id],
    leadId: [lead.id],
    operations: [bought.operationId, lead.operationId],
    operationId: [bought.operationId],
    'consent-sessions': [consent.id],
    identityToken: [anna.identityToken.token],
    providers: Object.keys(registry),
    provider: Object.keys(registry),
    problems: ['not-found', 'insufficient-points'],
    campaigns: ['111'],
    offers: ['3001'],
    sites: ['2222'],
    blocks: ['3333'],
    users: ['6001'],
    siteKey: ['2222s3333'],
    device: ['mobile'],
  };
}

// These would remove what other requests need if called with a real id.
const ruins =
  /^(DELETE \/v1\/connections|POST \/v1\/connections\/\{id\}\/(pause|credentials)|DELETE \/v1\/api-keys|DELETE \/v1\/customers)/;

function some(ids: KnownIds): FuzzedRequest[] {
  const { connections: _, customers: _c, ...fewer } = ids;
  const arbitraries = calls.map(call =>
    requestsTo(call, ruins.test(`${call.method} ${call.path}`) ? fewer : ids),
  );
  return fc.sample(fc.oneof(...arbitraries), { numRuns: REQUESTS, seed: SEED });
}

describe('random requests', () => {
  it('are answered as the OpenAPI document says, and never with an internal error', async () => {
    const requests = some(await someIds());
    const wrong: object[] = [];
    const statuses: number[] = [];
    let next = 0;
    const worker = async () => {
      while (next < requests.length) {
        const { call, ask } = requests[next++]!;
        const told = await gateway.ask(ask);
        statuses.push(told.status);
        const why = undocumented(call, told);
        if (why) wrong.push({ why, call: `${call.method} ${call.path}`, ask, body: told.body });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect(wrong).toEqual([]);
    // A run in which every request is refused would prove little.
    expect(statuses.filter(status => status < 300).length / REQUESTS).toBeGreaterThan(0.1);
  }, 3_600_000);
});
