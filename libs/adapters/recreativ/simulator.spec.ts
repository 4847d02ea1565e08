import { describe, expect, it } from 'vitest';
import type { SimulatedRequest } from '#adapter-kit/testing';
import { recreativSimulator } from './simulator.js';
import type { RecreativOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');

function open(options: RecreativOptions = {}) {
  const simulator = recreativSimulator.create(options);
  return (method: string, url: string, body?: unknown, more: Partial<SimulatedRequest['headers']> = {}) => {
    const [path = '', query = ''] = url.split('?');
    const headers = { 'auth-token': 'demo-recreativ-token', accept: 'application/json', ...more };
    const kind = body === undefined ? {} : { 'content-type': 'application/json' };
    return simulator.handle({
      method,
      path,
      query: new URLSearchParams(query),
      headers: { ...kind, ...headers } as Record<string, string>,
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
      now,
    }) as { status: number; body: any; headers?: Record<string, string>; effect?: any };
  };
}

describe('Recreativ’s simulator', () => {
  it('refuses a wrong token with the documented body, in both formats', () => {
    const ask = open();
    const wrong = { 'auth-token': 'stolen' };
    const body = {
      name: 'Unauthorized',
      message: 'You are requesting with an invalid credential.',
      code: 0,
      status: 401,
    };
    expect(ask('GET', '/me', undefined, wrong)).toMatchObject({ status: 401, body });
    expect(ask('GET', '/me', undefined, { ...wrong, accept: 'application/xml' }).body).toMatch(
      /<response><name>Unauthorized<\/name><message>You are requesting with an invalid credential.<\/message><code>0<\/code><status>401<\/status><\/response>$/,
    );
    expect(ask('GET', '/me', undefined, { ...wrong, 'auth-token': undefined })).toMatchObject({
      status: 401,
    });
  });

  it('has no other URL and no other method', () => {
    const ask = open();
    for (const path of ['/users', '/advertiser', '/advertiser/users/6001/campaigns', '/webmaster/statistics'])
      expect(ask('GET', path)).toMatchObject({ status: 404, body: { name: 'Not Found', code: 0 } });
    expect(ask('PATCH', '/advertiser/offers/3001')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, PUT, DELETE' },
    });
    expect(ask('POST', '/advertiser/users', 'user=x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    });
    expect(ask('POST', '/advertiser/users', '{')).toMatchObject({ status: 400 });
  });

  it('adds the balance in a PUT', () => {
    const ask = open();
    expect(ask('PUT', '/advertiser/users/6001', { balance: 50 })).toMatchObject({
      body: { balance: 1300.5 },
    });
    const again = ask('PUT', '/advertiser/users/6001', { balance: -0.1 });
    expect(again.body.balance).toBe(1300.4);
    expect(again.effect).toMatchObject({ type: 'adjustment', data: { delta: '-0.1', balance: '1300.4' } });
    expect(ask('PUT', '/advertiser/users/7777', { balance: 1 })).toMatchObject({ status: 403 });
    expect(ask('PUT', '/advertiser/users/6001', { balance: 'much' })).toMatchObject({
      status: 422,
      body: [{ field: 'balance' }],
    });
  });

  it('registers once: 201 with `Location` only, then "taken", only the first error', () => {
    const ask = open();
    const first = ask('POST', '/advertiser/users', { user: 'dina', email: 'dina@example.com' });
    expect(first).toMatchObject({ status: 201, effect: { type: 'customer', id: '8001' } });
    expect(first.body).toBeUndefined();
    expect(first.headers?.['location']).toMatch(/\/advertiser\/users\/8001$/);
    const again = ask('POST', '/advertiser/users', { user: 'Dina', email: 'other@example.com' });
    expect(again).toMatchObject({ status: 422, body: [{ field: 'user' }] });
    expect(again.effect).toBeUndefined();
  });

  it('has the documented inconsistencies', () => {
    const ask = open();
    const { body } = ask('GET', '/advertiser/campaigns?filter[id]=111,222');
    expect(body).toMatchObject([
      { id: 111, active: 1, maxmoney: '0.0000', isRetarget: 0 },
      { id: 222, active: 1, maxmoney: '25.0000' },
    ]);
    expect(ask('GET', '/advertiser/campaigns?archived=0').body).toMatchObject([{ id: 444 }]);
    expect(ask('GET', '/webmaster/sites').body[0]).toMatchObject({ status: '1', category_id: '3' });
    expect(ask('GET', '/webmaster/blocks/3333').body).toMatchObject({ siteid: '2222' });
    const days = ask('GET', '/webmaster/statistic?dateFrom=2023-03-01&dateTo=2023-03-026&siteIds=2222,2223');
    expect(days.body).toHaveLength(2);
  });

  it('accepts siteIds where documented, and filter[id] elsewhere', () => {
    const ask = open();
    const views = (url: string) => ask('GET', url).body.reduce((all: number, row: any) => all + row.views, 0);
    const day = 'dateFrom=2026-01-10&dateTo=2026-01-10';
    expect(views(`/webmaster/statistic?${day}&filter[id]=2222`)).toBe(views(`/webmaster/statistic?${day}`));
    expect(views(`/webmaster/statistic?${day}&siteIds=2222`)).toBeLessThan(
      views(`/webmaster/statistic?${day}`),
    );
    expect(ask('GET', '/advertiser/statistics?scope=offers&filter[campaignId]=111')).toMatchObject({
      status: 422,
    });
  });

  it('deletes with 204, and then answers 404', () => {
    const ask = open();
    expect(ask('DELETE', '/advertiser/offers/3001')).toMatchObject({
      status: 204,
      effect: { type: 'offer-deleted' },
    });
    expect(ask('DELETE', '/advertiser/offers/3001')).toMatchObject({ status: 404 });
  });

  it('accepts a path with and without its last part, and keys like 2222s3333', () => {
    const ask = open();
    const base = '/advertiser/campaigns/multipliers/111';
    expect(ask('GET', `${base}/site`).body).toHaveLength(3);
    expect(ask('GET', `${base}/site/`).body).toHaveLength(3);
    expect(ask('PUT', `${base}/site/2222s3333?coef=10`)).toMatchObject({ status: 204 });
    expect(ask('PUT', `${base}/site/2222s3333?coef=10.1`)).toMatchObject({ status: 422 });
    expect(ask('GET', `${base}/site/2222s3333`).body).toMatchObject({ coef: 10 });
    expect(ask('PUT', `${base}/device/fridge?coef=1`)).toMatchObject({ status: 404 });
  });

  it('pages as Yii does, or not at all', () => {
    const ask = open({ referrals: 21 });
    const first = ask('GET', '/advertiser/users');
    expect(first.body).toHaveLength(20);
    expect(first.headers).toMatchObject({ 'x-pagination-page-count': '2', 'x-pagination-total-count': '25' });
    const beyond = ask('GET', '/advertiser/users?page=9');
    expect(beyond.headers).toMatchObject({ 'x-pagination-current-page': '2' });
    expect(open({ paging: false })('GET', '/advertiser/users').body).toHaveLength(25);
  });

  it('answers XML if `Accept` requests it, or by an option', () => {
    const xml = open()('GET', '/webmaster/categories', undefined, { accept: 'application/xml' });
    expect(xml.body).toContain('<item><id>3</id><parent_id>0</parent_id><title>Новости</title></item>');
    expect(open({ format: 'xml' })('GET', '/me', undefined, { accept: '' }).body).toContain('<parentId/>');
  });

  it('has a separate ledger for each token', () => {
    const ask = open();
    ask('PUT', '/advertiser/users/6001', { balance: 1 });
    const other = ask('GET', '/advertiser/users/6001', undefined, { 'auth-token': 'demo-recreativ-token-2' });
    expect(other.body.balance).toBe(1250.5);
  });
});
