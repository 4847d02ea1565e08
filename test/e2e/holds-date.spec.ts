import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireHolds } from '#outbound';
import type { OpenConnection } from '#outbound';
import { startDateProxy } from '../support/date-proxy.js';
import type { DateProxy } from '../support/date-proxy.js';
import { startGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const anna = { identifier: { type: 'phone', value: '+79031234567' } };
const tenMinutes = 600_000;

let offsetMs = 0;
let world: World;
let gateway: TestGateway;
let proxy: DateProxy;
let shop: OpenConnection;

const now = () => Date.now() + offsetMs;

beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['loyalclient'] }, now: () => new Date(now()) });
  gateway = await startGateway(world);
  proxy = await startDateProxy(world.sandbox.url);
});
afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await world.close();
});
beforeEach(async () => {
  shop = await world.connect('loyalclient');
  const baseUrl = `${proxy.url}/loyalclient`;
  await world.core.database.direct.query('update connections set base_url = $2 where id = $1', [
    shop.id,
    baseUrl,
  ]);
});

/** A provider with a maximum hold duration, and a clock ahead of ours. */
async function enter({ skewMs = 0, maxHoldMinutes = 30 } = {}): Promise<void> {
  await world.control('reset', { provider: 'loyalclient', options: { maxHoldMinutes } });
  await pass(0, skewMs);
}

async function pass(ms: number, skewMs = 0): Promise<void> {
  offsetMs += ms;
  await world.control('clock', { offsetMs: offsetMs + skewMs });
}

const post = (path: string, body: object) => {
  const headers = { 'gateway-connection': shop.id, 'idempotency-key': randomUUID(), prefer: 'wait=10' };
  return gateway.ask({ method: 'POST', path, body, headers });
};
const read = async (id: string) => (await gateway.ask({ path: `/v1/holds/${id}` })).body;
/** The expiry of the latest hold by the provider's clock (ms). */
const until = async (): Promise<number> =>
  (await world.control('state?provider=loyalclient')).loyalclient.holds.at(-1).until * 1_000;
const told = async (id: string): Promise<string[]> => {
  const rows = await world.core.database.direct.query(
    'select type from events where resource_id = $1 order by sequence',
    [id],
  );
  return rows.map(({ type }: { type: string }) => type);
};

const anHour = 3_600_000;
const dates: [name: string, date: () => string | undefined][] = [
  ['without a Date', () => undefined],
  ['with an empty Date', () => ''],
  ['with rubbish for a Date', () => 'rubbish'],
  ['with a number for a Date', () => '0'],
  ['with a Date that is no date', () => 'Thu, 99 Foo 2026 12:00:00 GMT'],
  ['with an ISO Date', () => new Date(now() + tenMinutes).toISOString()],
  ['with local time for a Date', () => new Date(now() + 3 * anHour).toUTCString()],
  ['with a Date of 1970', () => 'Thu, 01 Jan 1970 00:00:00 GMT'],
];

describe.each(dates)('a hold whose answers come %s', (_name, date) => {
  it('ends at the provider’s `until`, to the millisecond, and is never active after it', async () => {
    await enter({ maxHoldMinutes: 5 });
    proxy.setDate(date());
    const { status, body: hold } = await post('/v1/holds', { ...anna, points: '100' });
    expect({ status, state: hold.state }).toEqual({ status: 201, state: 'active' });
    const end = await until();
    expect(Date.parse(hold.expiresAt)).toBe(end);
    expect((await world.reopen(shop)).clockSkewMs).toBe(0);

    await pass(end - now() - 30_000);
    expect((await read(hold.id)).state).toBe('active');
    await pass(end - now() + 1);
    expect((await read(hold.id)).state).toBe('expired');
    expect(await told(hold.id)).toEqual(['hold.created', 'hold.expired']);
    const late = await post('/v1/purchases', {
      ...anna,
      merchantReference: randomUUID(),
      receipt: { total: { amount: '1000.00', currency: 'RUB' }, redeemPoints: '100' },
      holdIds: [hold.id],
    });
    expect(late).toMatchObject({ status: 410, body: { code: 'hold-expired', outcome: 'not-executed' } });
  });
});

describe.each([
  ['ten minutes ahead', tenMinutes],
  ['ten minutes behind', -tenMinutes],
])('a hold at a provider whose clock is %s, which nobody is told', (_name, skewMs) => {
  it.each([600, 1_800])('of %i seconds expires here no later than there', async durationSeconds => {
    await enter({ skewMs });
    proxy.setDate(undefined);
    const asked = now();
    const { status, body: hold } = await post('/v1/holds', { ...anna, points: '100', durationSeconds });
    const tookMs = now() - asked;
    expect(status).toBe(201);
    const trueEnd = (await until()) - skewMs;
    const end = Date.parse(hold.expiresAt);
    expect(end).toBeLessThanOrEqual(trueEnd);
    // Not corrected: the requested expiry, or the provider's if sooner.
    expect(end).toBeGreaterThanOrEqual(trueEnd + Math.min(0, skewMs) - 2_000 - tookMs);
    await pass(Math.max(1, end - now() + 1), skewMs);
    expect(await expireHolds(world.core)).toBe(hold.state === 'active' ? 1 : 0);
    expect((await read(hold.id)).state).toBe('expired');
  });
});

it('uses the last known skew, less a margin, without a Date', async () => {
  // Far sooner than what was asked for: the provider's end is the one that counts.
  await enter({ skewMs: tenMinutes, maxHoldMinutes: 5 });
  const asked = now();
  proxy.setDate(new Date(asked + tenMinutes).toUTCString());
  await post('/v1/customers/lookup', anna);
  const tookMs = now() - asked;
  await world.core.background.drain(10_000);
  const { clockSkewMs } = await world.reopen(shop);
  expect(Math.abs(clockSkewMs - tenMinutes)).toBeLessThan(2_000 + tookMs);
  proxy.setDate(undefined);
  const { body: hold } = await post('/v1/holds', { ...anna, points: '100', durationSeconds: 1_800 });
  expect(Date.parse(hold.expiresAt)).toBe((await until()) - clockSkewMs - 1_500);
});
