import { expect } from 'vitest';
import type { Exercise, Till, Wire } from './till.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
// Ivan's two ids: one for the embed API, the other for the federation API.
const ub = 'ub_GB_xyz';
const usr = 'usr_01HXVB0001';
const embed = (what: string, query = ''): Wire => [`GET /embed/v1/data/${what}/${ub}?${query}tenant=agp`];
const upsert: Wire = ['POST /federation/v1/users/upsert', { external_id: 'mysite:vk:12345' }];
const contact = { name: 'Мария Канарейкина', email: 'canary@example.com', phone: '+79031112233' };

async function ivan(till: Till): Promise<string> {
  const { body } = await till.post('/v1/customers', { externalId: 'mysite:vk:12345' });
  await till.sent(upsert);
  return body.id;
}

async function lead(till: Till, referrerCustomerId: string): Promise<{ id: string; providerRef: string }> {
  const { body } = await till.post('/v1/referral/leads', { referrerCustomerId, contact });
  return body;
}

/** The calls of Recca. */
export const reccaCalls: Record<number, Exercise> = {
  46: async till => {
    const id = await ivan(till);
    expect(await till.get(`/v1/referral/summary?customerId=${id}`)).toMatchObject({
      status: 200,
      body: { leadsCount: 4, cleared: rub('12800.00'), pending: rub('2800.00') },
    });
    await till.sent(embed('cabinet'));
    expect(await till.get(`/v1/customers/${id}`)).toMatchObject({
      status: 200,
      body: { id, displayName: 'Иван Иванов', providerRefs: { tenantReccaId: ub, reccaUserId: usr } },
    });
    await till.sent(embed('cabinet'));
    expect(await till.get(`/v1/x/recca/cabinet/${id}`)).toMatchObject({
      status: 200,
      body: { user: { display_name: 'Иван Иванов' }, kpi: { leads_count: 4 } },
    });
    await till.sent(embed('cabinet'));
  },
  47: async till => {
    const id = await ivan(till);
    const told = await till.get(`/v1/customers/${id}/transactions?limit=2`);
    expect(told).toMatchObject({
      status: 200,
      body: {
        data: [
          { type: 'bonus', amount: rub('2800.00'), status: 'pending' },
          { type: 'bonus', amount: rub('10000.00'), status: 'cleared' },
        ],
        nextCursor: expect.any(String),
        totals: { cleared: rub('12800.00'), pending: rub('2800.00') },
      },
    });
    await till.sent(embed('bonuses', 'page=1&page_size=2&'));
  },
  48: async till => {
    const id = await ivan(till);
    const told = await till.get(`/v1/referral/leads?customerId=${id}&status=converted`);
    expect(told).toMatchObject({
      status: 200,
      body: {
        data: [{ providerRef: 'lead_01HXVB0002', status: 'converted', contactName: 'Ольга Новикова' }],
      },
    });
    await till.sent(embed('leads', 'status=converted&page=1&page_size=25&'));
  },
  49: async till => {
    const id = await ivan(till);
    const told = await till.get(`/v1/referral/tree?customerId=${id}&maxDepth=2`);
    expect(told).toMatchObject({
      status: 200,
      body: {
        root: { customerRef: ub, depth: 0, parentRef: null },
        levels: [[{ customerRef: ub }], [{ parentRef: ub }, { parentRef: ub }], [{ depth: 2 }]],
        truncated: true,
        maxDepth: 2,
      },
    });
    await till.sent(embed('referral-tree', 'max_depth=2&'));
  },
  50: async till => {
    const id = await ivan(till);
    const told = await till.get(`/v1/referral/partners?customerId=${id}`);
    expect(told.body.data).toMatchObject([
      { customerRef: 'ub_GB_anna', role: 'Амбассадор', active: true },
      { customerRef: 'ub_GB_boris', active: false },
    ]);
    await till.sent(embed('partners', 'page=1&page_size=25&'));
  },
  51: async till => {
    const customerId = await ivan(till);
    const { body: session } = await till.post('/v1/consent-sessions', { customerId });
    await till.post(`/v1/consent-sessions/${session.id}/complete`, await allowed(session.authorizeUrl));
    await till.sent([expect.stringMatching(/^GET \/oauth\/authorize\?/) as string]);
    const told = await till.post('/v1/referral/links', {
      customerId,
      target: { type: 'offer', id: 'off_42' },
      promoCode: 'SPRING',
    });
    expect(told).toMatchObject({
      status: 201,
      body: { shortUrl: expect.stringMatching(/^https:/), reused: false },
    });
    await till.sent([
      'POST /embed/v1/data/referral-link?tenant=agp',
      { target_type: 'offer', target_id: 'off_42', promo_code: 'SPRING' },
    ]);
  },
  52: async till => {
    const body = { externalId: 'crm-1', displayName: 'Анна', email: 'anna@example.com', emailVerified: true };
    const told = await till.post('/v1/customers', body);
    expect(told).toMatchObject({
      status: 201,
      body: {
        externalId: 'crm-1',
        providerRefs: {
          tenantReccaId: expect.stringMatching(/^ub_/),
          reccaUserId: expect.stringMatching(/^usr_/),
        },
      },
    });
    await till.sent([
      'POST /federation/v1/users/upsert',
      { external_id: 'crm-1', full_name: 'Анна', email: 'anna@example.com', email_verified: true },
    ]);
  },
  53: async till => {
    const customerId = await ivan(till);
    const told = await till.post('/v1/referral/leads', {
      referrerCustomerId: customerId,
      contact,
      offerId: 'off_42',
    });
    expect(told).toMatchObject({
      status: 201,
      body: { status: 'new', providerRef: expect.stringMatching(/^lead_/) },
    });
    await till.sent(embed('leads', 'status=all&page=1&page_size=100&'), [
      'POST /federation/v1/leads',
      {
        referrer_user_id: usr,
        contact,
        offer_id: 'off_42',
        metadata: { ref: told.body.operationId },
      },
    ]);
  },
  54: async till => {
    const { id, providerRef } = await lead(till, await ivan(till));
    await till.sent(embed('leads', 'status=all&page=1&page_size=100&'), [
      'POST /federation/v1/leads',
      expect.anything(),
    ]);
    const told = await till.post('/v1/referral/conversions', {
      leadId: id,
      amount: rub('15000.01'),
      merchantReference: 'order-54',
    });
    expect(told).toMatchObject({
      status: 201,
      body: {
        leadId: id,
        status: 'approved',
        amount: rub('15000.01'),
        // The federation API's answer about a person.
        bonuses: [{ customerRef: usr, amount: rub('1500.00'), tier: 1 }],
      },
    });
    await till.sent(embed('leads', 'status=converted&page=1&page_size=100&'), [
      'POST /federation/v1/conversions/register',
      { lead_id: providerRef, amount_kopecks: 1500001, currency: 'RUB', external_order_id: 'order-54' },
    ]);
  },
  55: async till => {
    const customerId = await ivan(till);
    const opened = await till.post('/v1/consent-sessions', { customerId, scope: 'links:write' });
    expect(opened).toMatchObject({ status: 201, body: { status: 'pending' } });
    const { id, state, authorizeUrl } = opened.body;
    const url = new URL(authorizeUrl);
    expect(url.href.startsWith(`${till.world.sandbox.baseUrl('recca')}/oauth/authorize?`)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'agp',
      response_type: 'code',
      scope: 'links:write',
      state,
      popup: '1',
    });
    // The browser makes this call, not the gateway.
    await till.sent();
    const done = await till.post(`/v1/consent-sessions/${id}/complete`, await allowed(authorizeUrl));
    expect(done).toMatchObject({ status: 200, body: { id, status: 'completed' } });
    await till.sent([`GET /oauth/authorize${url.search}`]);
  },
};

/** Opens the popup like a browser and consents; returns the message to the opening page. */
export async function allowed(authorizeUrl: string, person = ub): Promise<object> {
  const page = await (await fetch(authorizeUrl)).text();
  const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(page)![1]!) as any[];
  const { token, user_id, expires_at, state } = messages.find(({ user_id: who }) => who === person);
  return { token, userId: user_id, expiresAt: expires_at, state };
}
