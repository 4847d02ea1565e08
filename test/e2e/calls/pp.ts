import { expect } from 'vitest';
import type { Exercise, Wire } from './till.js';

const usd = (amount: string) => ({ amount, currency: 'USD' });
const call = (method: string, form?: Record<string, string>): Wire => [
  `POST /api.html?api_action=pp&method=${method}&api_key=***`,
  form,
];

/** The calls of PP: all POST, with the key in the query and the fields in a form. */
export const ppCalls: Record<number, Exercise> = {
  41: async till => {
    expect(await till.get('/v1/referral/summary')).toMatchObject({
      status: 200,
      body: { balance: usd('40.50') },
    });
    await till.sent(call('get_payouts'), call('get_info'));
    const methods = await till.get('/v1/referral/payout-methods');
    expect(methods.body.data).toEqual(
      expect.arrayContaining([
        { id: '2', title: 'Карта Visa/MasterCard RUB & МИР', fee: '1.5', receives: expect.any(String) },
      ]),
    );
    await till.sent(call('get_info'));
    // In pages, as other lists.
    const { body: first } = await till.get('/v1/referral/payout-methods?limit=1');
    expect(first.data).toEqual(methods.body.data.slice(0, 1));
    const next = await till.get(`/v1/referral/payout-methods?limit=9&cursor=${first.nextCursor}`);
    expect(next.body).toEqual({ data: methods.body.data.slice(1), nextCursor: null });
    await till.sent(call('get_info'), call('get_info'));
    const raw = await till.get('/v1/x/pp/info');
    expect(raw).toMatchObject({ status: 200, body: { balance: '40.5025', minPayout: expect.any(String) } });
    await till.sent(call('get_info'));
  },
  42: async till => {
    const clicks = await till.get('/v1/referral/clicks?limit=1');
    expect(clicks).toMatchObject({
      status: 200,
      body: {
        data: [
          {
            id: '50211',
            landingQuery: 'cur_from=PMUSD&cur_to=BTC&rid=8',
            visitorHash: '1r7',
            ip: '95.24.11.7',
            at: expect.stringMatching(/Z$/),
          },
        ],
      },
    });
    await till.sent(call('get_links'));
    const raw = await till.get('/v1/x/pp/clicks');
    expect(raw.body.data).toMatchObject([{ id: '50211', userHash: '1r7' }, {}, {}, {}]);
    await till.sent(call('get_links'));
  },
  43: async till => {
    const from = new Date(Date.now() - 3 * 86_400_000).toISOString();
    // The provider's clock differs from ours by at most 14 hours.
    const start_time = String(Math.floor(Date.parse(from) / 1000) - 14 * 3600);
    const told = await till.get(`/v1/referral/conversions?from=${from}`);
    expect(told.status).toBe(200);
    expect(told.body.data).toMatchObject([
      { providerRef: '1901', status: 'pending', reward: usd('0.45') },
      { providerRef: '1898', status: 'approved', amount: { amount: '25000.00', currency: 'SBERRUB' } },
      { providerRef: '1895', status: 'approved' },
    ]);
    await till.sent(call('get_payouts'), call('get_exchanges', { start_time }));
    const raw = await till.get('/v1/x/pp/exchanges');
    expect(raw.body.data).toHaveLength(5);
    expect(raw.body.data[0]).toMatchObject({ id: '1901', currencyCodeGive: 'PMUSD', accrued: '0' });
    await till.sent(call('get_exchanges'));
  },
  44: async till => {
    const told = await till.get('/v1/referral/payouts');
    expect(told.body.data).toMatchObject([
      {
        providerRef: '311',
        status: 'paid',
        providerStatus: '1',
        accountMasked: '••••4567',
        amount: { amount: '21.40', currency: 'PMUSD' },
        originalAmount: usd('21.40'),
      },
      { providerRef: '305', status: 'rejected' },
      { providerRef: '298', status: 'cancelled' },
    ]);
    await till.sent(call('get_payouts'));
  },
  45: async till => {
    const amount = usd('1.00');
    const partly = await till.post('/v1/referral/payouts', { methodId: '1', account: 'U7654321', amount });
    expect(partly).toMatchObject({ status: 422, body: { errors: [{ code: 'unsupported-field' }] } });
    await till.sent();
    const told = await till.post('/v1/referral/payouts', { methodId: '1', account: 'U7654321' });
    expect(told).toMatchObject({
      status: 201,
      body: { status: 'pending', providerRef: '312', methodId: '1', accountMasked: '••••4321' },
    });
    await till.sent(
      call('get_payouts'),
      call('get_info'),
      call('add_payout', { method_id: '1', account: 'U7654321' }),
    );
    expect(await till.world.effects('pp')).toMatchObject([{ type: 'payout', key: '1:U7654321' }]);
  },
};
