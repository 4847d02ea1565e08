import { expect } from 'vitest';
import type { Exercise } from './till.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const x = '/v1/x/recreativ';
const window = 'from=2026-11-01&to=2026-11-03';

/** The calls of Recreativ about people, sites and payouts. */
export const recreativCalls: Record<number, Exercise> = {
  10: async till => {
    expect(await till.get('/v1/program')).toMatchObject({
      status: 200,
      body: { currency: 'RUB', balance: rub('15400.25') },
    });
    await till.sent(['GET /me']);
    expect(await till.get(`${x}/me`)).toMatchObject({
      status: 200,
      body: { id: '5001', username: 'agency' },
    });
    await till.sent(['GET /me']);
  },
  11: async till => {
    const list = await till.get('/v1/customers?limit=2');
    expect(list.body.data).toMatchObject([
      { providerRefs: { userId: '6001' }, email: 'anna@example.com', balance: rub('1250.50') },
      { providerRefs: { userId: '6002' } },
    ]);
    await till.sent(['GET /advertiser/users?per-page=2']);
    const partners = await till.get('/v1/referral/partners?limit=2');
    expect(partners.body.data).toMatchObject([
      { customerRef: '6001', active: true },
      { customerRef: '6002' },
    ]);
    await till.sent(['GET /advertiser/users?per-page=50']);
    const tree = await till.get('/v1/referral/tree');
    expect(tree).toMatchObject({
      status: 200,
      body: { root: { customerRef: '5001', depth: 0 }, maxDepth: 1, truncated: false },
    });
    expect(tree.body.levels[1]).toHaveLength(4);
    await till.sent(['GET /me'], ['GET /advertiser/users?per-page=50']);
  },
  12: async till => {
    const found = await till.post('/v1/customers/lookup', { identifier: { type: 'uid', value: '6001' } });
    expect(found).toMatchObject({
      status: 200,
      body: { email: 'anna@example.com', phone: '+79031234567', balance: rub('1250.50'), member: true },
    });
    await till.sent(['GET /advertiser/users/6001']);
    expect(await till.get(`/v1/customers/${found.body.id}`)).toMatchObject({
      status: 200,
      body: { id: found.body.id, email: 'anna@example.com' },
    });
    await till.sent(['GET /advertiser/users/6001']);
  },
  13: async till => {
    const told = await till.get(`${x}/users/6001/campaigns`);
    expect(told.body.data).toMatchObject([
      { id: '601', title: 'Зёрна оптом', active: true },
      { id: '602', active: false },
    ]);
    await till.sent(['GET /advertiser/users/6001?expand=campaigns']);
  },
  14: async till => {
    const body = {
      username: 'dina',
      email: 'dina@example.com',
      displayName: 'Дина',
      phone: '+79031112233',
      url: 'https://dina.example.ru',
      telegram: 'dina_tg',
      skype: 'dina.s',
    };
    const told = await till.post('/v1/customers', body);
    expect(told).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^cus_/), email: 'dina@example.com', member: true },
    });
    const { username, displayName, ...same } = body;
    await till.sent(
      ['GET /advertiser/users?per-page=50'],
      // The login is `user` in requests and `username` in answers.
      ['POST /advertiser/users', { ...same, user: username, name: displayName }],
    );
  },
  15: async till => {
    const identifier = { type: 'uid', value: '6001' };
    const { body: anna } = await till.post('/v1/customers/lookup', { identifier });
    await till.sent(['GET /advertiser/users/6001']);
    const told = await till.post(`/v1/customers/${anna.id}/balance-adjustments`, { delta: rub('-50.50') });
    expect(told).toMatchObject({
      status: 201,
      body: { customerId: anna.id, delta: rub('-50.50'), balanceAfter: rub('1200.00') },
    });
    // The request carries the change, not the new balance.
    await till.sent(['GET /advertiser/users/6001'], ['PUT /advertiser/users/6001', { balance: -50.5 }]);
  },
  16: async till => {
    const told = await till.get(`${x}/categories?scope=webmaster`);
    expect(told.body.data).toMatchObject([{ id: '3', title: 'Новости' }, { id: '4' }]);
    await till.sent(['GET /webmaster/categories']);
  },
  17: async till => {
    const told = await till.get(`${x}/sites?status=active&${window}`);
    expect(told.body.data).toMatchObject([{ id: '2222', url: 'https://news.example.ru' }]);
    await till.sent(['GET /webmaster/sites?dateFrom=2026-11-01&dateTo=2026-11-03&status=1']);
  },
  18: async till => {
    expect(await till.get(`${x}/sites/2223`)).toMatchObject({
      status: 200,
      body: { id: '2223', url: 'https://food.example.ru' },
    });
    await till.sent(['GET /webmaster/sites/2223']);
  },
  19: async till => {
    const sites = await till.get(`/v1/statistics?subject=sites&${window}&ids=2222`);
    expect(sites.body.data).toHaveLength(3);
    expect(sites.body.data[0]).toMatchObject({
      subject: 'sites',
      subjectId: '2222',
      views: expect.any(Number),
      revenue: { currency: 'RUB' },
    });
    const wire: [string] = ['GET /webmaster/statistic?dateFrom=2026-11-01&dateTo=2026-11-03&siteIds=2222'];
    await till.sent(wire);
    const paged = `/v1/statistics?subject=sites&${window}&ids=2222&limit=2`;
    const first = await till.get(paged);
    const rest = await till.get(`${paged}&cursor=${first.body.nextCursor}`);
    expect([first.body.data.length, rest.body.nextCursor]).toEqual([2, null]);
    expect([...first.body.data, ...rest.body.data]).toEqual(sites.body.data);
    await till.sent(wire, wire);
    const blocks = await till.get(`/v1/statistics?subject=blocks&${window}&ids=3333,4444`);
    expect(blocks.body.data[0]).toMatchObject({ subject: 'blocks', revenue: { currency: 'RUB' } });
    await till.sent(['GET /webmaster/statistic?dateFrom=2026-11-01&dateTo=2026-11-03&blockIds=3333%2C4444']);
  },
  20: async till => {
    const told = await till.get('/v1/referral/payouts');
    expect(told.body.data).toMatchObject([
      {
        status: 'pending',
        providerStatus: 'Ожидает',
        accountMasked: expect.stringMatching(/9012$/),
        amount: rub('1500.00'),
      },
      { status: 'paid', accountMasked: expect.stringMatching(/5678$/), amount: rub('3200.50') },
      { status: 'rejected', providerStatus: 'Отклонено' },
    ]);
    await till.sent(['GET /webmaster/payment']);
  },
  21: async till => {
    expect(await till.get(`${x}/blocks/3333`)).toMatchObject({
      status: 200,
      body: { id: '3333', title: 'Под статьёй' },
    });
    await till.sent(['GET /webmaster/blocks/3333']);
  },
  22: async till => {
    const told = await till.get(`${x}/sites/2222/blocks`);
    expect(told.body.data).toMatchObject([{ id: '3333' }, { id: '4444' }]);
    await till.sent(['GET /webmaster/sites/2222?expand=blocks']);
  },
  23: async till => {
    const told = await till.get(`${x}/categories?scope=advertiser`);
    expect(told.body.data).toMatchObject([{ id: '12', title: 'Еда и напитки' }, { id: '13' }]);
    await till.sent(['GET /advertiser/categories']);
  },
};
