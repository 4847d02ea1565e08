import { describe, expect, it } from 'vitest';
import { loyalclientSimulator } from './simulator.js';
import type { LoyalClientOptions } from './simulator.js';

const anna = '62ac00000000000000000001';
const maria = '62ac00000000000000000002';
const start = Date.parse('2026-01-15T12:00:00.000Z');

/** A simulator that is called directly, at a minute of its clock. */
function open(options: LoyalClientOptions = {}) {
  const simulator = loyalclientSimulator.create(options);
  const headers: Record<string, string> = { apikey: 'demo-loyalclient-key' };
  const post = (call: string, json: unknown, { minute = 0, apikey = headers['apikey']! } = {}) =>
    simulator.handle({
      method: 'POST',
      path: `/integration/general/${call}`,
      query: new URLSearchParams(),
      headers: { apikey },
      body: typeof json === 'string' ? json : JSON.stringify(json),
      now: new Date(start + minute * 60_000),
    });
  const balance = (search: string, hold: string[] = [], minute = 0): number =>
    (post('client', { search, point: 'shop-1', hold }, { minute }).body as any).client.balance;
  const hold = (client: string, amount: number, more: object = {}): string =>
    (post('bonuses/hold', { client, point: 'shop-1', amount, ...more }).body as any).held.id;
  const buy = (more: object = {}) =>
    post('retail', { client: anna, point: 'shop-1', amount: 100, spend: 0, ...more });
  return { post, balance, hold, buy };
}

describe('LoyalClient’s simulator: holds', () => {
  it('subtracts held points from the balance unless the hold is named, until it expires', () => {
    const { balance, hold } = open();
    const id = hold(anna, 100);
    expect([balance('012345'), balance('012345', [id])]).toEqual([778, 878]);
    expect([balance('012345', [], 9), balance('012345', [], 10)]).toEqual([778, 878]);
  });

  it.each([
    ['own', [778, 1150.5]],
    ['point', [888, 1250.5]],
    ['client', [888, 1150.5]],
  ] as const)('%s: a new operation ends the holds of that reading', (holdRelease, left) => {
    const { balance, hold, buy } = open({ holdRelease });
    hold(anna, 100);
    hold(maria, 100);
    buy();
    const [mine, hers] = [balance('012345'), balance('007007')];
    expect([mine, hers]).toEqual(holdRelease === 'own' ? [left[0] + 10, left[1]] : left);
  });

  it('ends a hold that a purchase names, in every dialect', () => {
    const { balance, hold, buy } = open({ holdRelease: 'own' });
    buy({ spend: 100, hold: [hold(anna, 100)] });
    expect(balance('012345')).toBe(778);
  });

  it('accepts the release of an unknown hold, and may shorten a hold', () => {
    const { post, balance, hold } = open({ maxHoldMinutes: 2 });
    expect(post('bonuses/release', { id: 'never' })).toEqual({
      status: 200,
      body: { success: true },
      effect: undefined,
    });
    hold(anna, 100, { duration: 30 });
    expect([balance('012345', [], 1), balance('012345', [], 2)]).toEqual([778, 878]);
  });
});

describe('LoyalClient’s simulator: operations', () => {
  it('earns or spends, never both', () => {
    const { buy } = open();
    expect(buy().body).toMatchObject({ retail: { total: 100, earn: 10 } });
    const spent = buy({ spend: 60 }).body as any;
    expect(spent.retail).toEqual({ amount: 100, total: 40, percent: 10, type: 'cashback', spend: 60 });
  });

  it('limits redeemed points by balance and share, with the documented text', () => {
    const { buy } = open();
    expect(buy({ spend: 101 })).toEqual({ status: 422, body: { spend: "Spend can't be more 100" } });
    expect(buy({ client: maria, spend: 31 }).body).toEqual({ spend: "Spend can't be more 30" });
    expect(buy({ client: '62ac00000000000000000003', spend: 1 }).body).toEqual({
      spend: "Spend can't be more 0",
    });
  });

  it('keeps, rounds or refuses kopecks', () => {
    const total = (fractions: 'decimal' | 'whole' | 'refuse') => open({ fractions }).buy({ amount: 100.5 });
    expect(total('decimal').body).toMatchObject({ retail: { amount: 100.5, earn: 10.05 } });
    expect(total('whole').body).toMatchObject({ retail: { amount: 101, earn: 10 } });
    expect(total('refuse').status).toBe(422);
  });
});

describe('LoyalClient’s simulator: refusals', () => {
  it.each([
    [{ envelope: 'errors', text: 'list' }, 422, { errors: { client: ['Client not found.'] } }],
    [{ envelope: 'error' }, 422, { error: { client: 'Client not found.' } }],
    [{ envelope: 'success-false' }, 422, { success: false, client: 'Client not found.' }],
    [{ refusalStatus: 200 }, 200, { success: false, client: 'Client not found.' }],
  ] as const)('speaks the dialect %j', (dialect, status, body) => {
    expect(open(dialect).post('client', { search: '0', point: 'shop-1' })).toEqual({ status, body });
  });

  it('refuses another key, another URL, and numbers as text', () => {
    const { post, buy } = open();
    expect(post('client', {}, { apikey: 'other' }).status).toBe(401);
    expect(post('refund', {}).status).toBe(404);
    expect(post('client', '{').status).toBe(422);
    expect(buy({ amount: '100' }).body).toEqual({ amount: 'Amount must be a number.' });
    expect(buy({ hold: null }).status).toBe(422);
  });
});
