import { expect } from 'vitest';
import type { Exercise } from './till.js';

const x = '/v1/x/recreativ';
const window = 'from=2026-11-01&to=2026-11-03';
const days = 'dateFrom=2026-11-01&dateTo=2026-11-03';
const filter = 'filter%5BdateFrom%5D=2026-11-01&filter%5BdateTo%5D=2026-11-03';
const multipliers = 'GET /advertiser/campaigns/multipliers/111';
const put = 'PUT /advertiser/campaigns/multipliers/111';

/** The calls of Recreativ about campaigns and offers. */
export const recreativCampaignCalls: Record<number, Exercise> = {
  24: async till => {
    expect(await till.get(`${x}/campaigns/111`)).toMatchObject({
      status: 200,
      body: { id: '111', title: 'Кофе с собой', active: true },
    });
    await till.sent(['GET /advertiser/campaigns/111']);
  },
  25: async till => {
    const archived = await till.get(`${x}/campaigns?archived=true&type=standard&target=registration`);
    expect(archived.body.data).toMatchObject([{ id: '444', title: 'Новый год 2025' }]);
    // 0 means yes at the provider.
    await till.sent(['GET /advertiser/campaigns?type=2&archived=0&targetId=2']);
    const living = await till.get(`${x}/campaigns?archived=false&ids=111,222&${window}`);
    expect(living.body.data).toMatchObject([{ id: '111' }, { id: '222', maxmoney: '25' }]);
    await till.sent([`GET /advertiser/campaigns?${days}&archived=1&filter%5Bid%5D=111%2C222`]);
  },
  26: async till => {
    const told = await till.patch(`${x}/campaigns/111`, { active: false });
    expect(told).toMatchObject({ status: 200, body: { id: '111', active: false } });
    await till.sent(['PUT /advertiser/campaigns/111', { active: false }]);
  },
  27: async till => {
    const told = await till.get(`/v1/statistics?subject=campaigns&groupBy=date&ids=111,222&${window}`);
    expect(told.body.data).toHaveLength(3);
    expect(told.body.data[0]).toMatchObject({ subject: 'campaigns', spend: { currency: 'RUB' } });
    await till.sent([`GET /advertiser/statistics?${filter}&filter%5Bid%5D=111%2C222&groupDate=true`]);
  },
  28: async till => {
    const day = 'from=2026-11-02&to=2026-11-02';
    const told = await till.get(`/v1/statistics?subject=offers&parentId=111&${day}`);
    expect(told.body.data).toMatchObject([{ subject: 'offers', spend: { currency: 'RUB' } }]);
    await till.sent([
      'GET /advertiser/statistics?scope=offers&filter%5Bdate%5D=2026-11-02&filter%5BcampaignId%5D=111',
    ]);
    const wide = await till.get(`/v1/statistics?subject=offers&parentId=111&${window}`);
    expect(wide).toMatchObject({ status: 422, body: { errors: [{ pointer: '/query/from' }] } });
    await till.sent();
  },
  29: async till => {
    const all = await till.get(`${x}/campaigns/111/multipliers/sites`);
    expect(all.body.data).toHaveLength(3);
    await till.sent([`${multipliers}/site`]);
    const one = await till.get(`${x}/campaigns/111/multipliers/sites/2222s3333`);
    expect(one.body).toMatchObject({ campaignId: '111', siteId: '2222', coefficient: '1.2' });
    await till.sent([`${multipliers}/site/2222s3333`]);
  },
  30: async till => {
    const path = `${x}/campaigns/111/multipliers/sites/2222s3333`;
    const told = await till.put(path, { coefficient: '1.50' });
    expect(told).toMatchObject({ status: 200, body: { siteKey: '2222s3333', coefficient: '1.5' } });
    await till.sent([`${put}/site/2222s3333?coef=1.5`]);
    expect(await till.put(path, { coefficient: '10.1' })).toMatchObject({ status: 422 });
    await till.sent();
  },
  31: async till => {
    for (const device of ['desktop', 'mobile', 'tablet']) {
      const path = `${x}/campaigns/111/multipliers/devices/${device}`;
      const told = await till.put(path, { coefficient: '0.1' });
      expect(told).toMatchObject({ status: 200, body: { device, coefficient: '0.1' } });
      await till.sent([`${put}/device/${device}?coef=0.1`]);
    }
    const unknown = `${x}/campaigns/111/multipliers/devices/fridge`;
    expect(await till.put(unknown, { coefficient: '1' })).toMatchObject({ status: 422 });
    await till.sent();
    await till.put(`${x}/campaigns/111/multipliers/devices/mobile`, { coefficient: '2' });
  },
  32: async till => {
    const told = await till.get(`/v1/statistics?subject=sites&parentId=111&${window}&target=purchase`);
    expect(told.body.data).toHaveLength(3);
    expect(told.body.data[0]).toMatchObject({ subjectId: '2222s3333', coefficient: '1.2', spend: {} });
    await till.sent([`${multipliers}?${days}&targetId=1`]);
  },
  33: async till => {
    const told = await till.get('/v1/statistics?subject=devices&parentId=111');
    expect(told.body.data.map((row: { subjectId: string }) => row.subjectId)).toEqual([
      'desktop',
      'mobile',
      'tablet',
    ]);
    await till.sent([`${multipliers}/device`]);
  },
  34: async till => {
    const told = await till.get(`${x}/campaigns/111/subcategories`);
    expect(told.body.data).toMatchObject([{ id: '121', title: 'Кофе' }, { id: '122' }]);
    await till.sent(['GET /advertiser/subCategories?id=111']);
  },
  35: async till => {
    const told = await till.get(`${x}/campaigns/111/discount-types`);
    expect(told).toMatchObject({ status: 200, body: { percent: '%', money: 'руб.' } });
    await till.sent(['GET /advertiser/discountType/111']);
  },
  36: async till => {
    const offer = { description: 'Кофе', url: 'https://coffee.example.ru/new', price: 190, discount: 2 };
    const told = await till.post(`${x}/offers`, { campaignId: '111', clickPrice: '3.5', ...offer });
    expect(told).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^\d+$/) } });
    await till.sent(
      ['GET /advertiser/campaigns/111?expand=offers'],
      ['POST /advertiser/offers', { campaignId: 111, clickPrice: 3.5, ...offer }],
    );
  },
  37: async till => {
    expect(await till.get(`${x}/offers/3001`)).toMatchObject({
      status: 200,
      body: { id: '3001', title: 'Капучино', active: true },
    });
    await till.sent(['GET /advertiser/offers/3001']);
  },
  38: async till => {
    const told = await till.get(`${x}/campaigns/111/offers`);
    expect(told.body.data).toMatchObject([{ id: '3001' }, { id: '3002' }]);
    await till.sent(['GET /advertiser/campaigns/111?expand=offers']);
  },
  39: async till => {
    // The provider answers 204 without a body; the gateway answers with the current values.
    const told = await till.patch(`${x}/offers/3001`, { active: false });
    expect(told).toMatchObject({ status: 200, body: { id: '3001', active: false } });
    await till.sent(['PUT /advertiser/offers/3001', { active: false }]);
  },
  40: async till => {
    // One that never was is not deleted.
    expect(await till.delete(`${x}/offers/3999`)).toMatchObject({
      status: 404,
      body: { code: 'not-found', outcome: 'not-executed' },
    });
    await till.sent(['DELETE /advertiser/offers/3999']);
    expect(await till.delete(`${x}/offers/3001`)).toMatchObject({ status: 204, body: '' });
    await till.sent(['DELETE /advertiser/offers/3001']);
    // Deleting a missing one succeeds.
    expect(await till.delete(`${x}/offers/3001`)).toMatchObject({ status: 204 });
    await till.sent(['DELETE /advertiser/offers/3001']);
  },
};
