import { describe, expect, it } from 'vitest';
import type { Customer } from '#canonical';
import { allowed } from './recca.js';
import { ScenarioStage, rub, whoCan } from './scenario-stage.js';
import type { Till } from './till.js';
import { matchedByReference, writeOnce } from './write-once.js';

const stage = new ScenarioStage();

describe.each(whoCan('createCustomer'))('a customer at %s', provider => {
  it('is registered once and can be read again', async () => {
    const { till, part } = await stage.enter(provider, 'newCustomer');
    const wish = { path: '/v1/customers', effect: 'customer', body: part };
    const { body, headers } = await writeOnce(till, wish, { email: 'other@example.com' });
    const { id, providerRefs } = body as Customer;
    expect(body).toMatchObject({ ...(part['email'] ? { email: part['email'] } : {}), member: true });
    expect(headers['location']).toBe(`/v1/customers/${id}`);
    const read = await till.get(`/v1/customers/${id}`);
    expect(read).toMatchObject({ status: 200, body: { id, providerRefs } });
  });
});

const handedOver = async (till: Till, newCustomer: object) => {
  const { body: customer } = await till.post('/v1/customers', newCustomer);
  return {
    path: '/v1/referral/leads',
    effect: 'lead',
    body: { referrerCustomerId: customer.id, contact: { name: 'Мария' } },
  };
};

describe.each(whoCan('createLead'))('a lead at %s', provider => {
  it('is created once and is in the list', async () => {
    const { till, part } = await stage.enter(provider, 'newCustomer');
    const wish = await handedOver(till, part);
    const { body: lead } = await writeOnce(till, wish, { offerId: 'off_1' });
    expect(lead).toMatchObject({ id: expect.stringMatching(/^led_/), status: 'new' });
    const list = await till.get(`/v1/referral/leads?customerId=${wish.body.referrerCustomerId}`);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toContain(lead.id);
  });
});

describe.each(whoCan('createConversion'))('a conversion at %s', provider => {
  it('is registered once and found by its reference', async () => {
    const { till, part } = await stage.enter(provider, 'newCustomer');
    const lead = await handedOver(till, part);
    const { body } = await till.post(lead.path, lead.body);
    const sold = { leadId: body.id, amount: rub('15000.00'), merchantReference: 'order-1' };
    const wish = { path: '/v1/referral/conversions', effect: 'conversion', body: sold };
    const { body: conversion } = await writeOnce(till, wish, { amount: rub('1.00') });
    expect(conversion).toMatchObject({ ...sold, status: 'approved' });
    await matchedByReference(till, wish, { amount: rub('1.00') });
    const list = await till.get(`/v1/referral/conversions?customerId=${lead.body.referrerCustomerId}`);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toContain(conversion.id);
  });
});

describe.each(whoCan('createPayout'))('a payout at %s', provider => {
  it('is ordered once with its account masked, and is in the list', async () => {
    const { till, part } = await stage.enter(provider, 'payout');
    const wish = { path: '/v1/referral/payouts', effect: 'payout', body: part };
    const { body: payout } = await writeOnce(till, wish, { account: 'U1' });
    expect(payout).toMatchObject({ status: 'pending', methodId: part.methodId });
    expect(JSON.stringify(payout)).not.toContain(part.account);
    const list = await till.get('/v1/referral/payouts');
    expect(list.body.data[0]).toMatchObject({ id: payout.id, status: 'pending' });
  });
});

describe.each(whoCan('createLink'))('a link at %s', provider => {
  it('needs the end user’s consent, and is made once', async () => {
    const { till, part } = await stage.enter(provider, 'newCustomer');
    const { body: customer } = await till.post('/v1/customers', part);
    const body = { customerId: customer.id, target: { type: 'offer', id: 'off_42' } };
    const wish = { path: '/v1/referral/links', effect: 'link', body };
    expect(await till.post(wish.path, body)).toMatchObject({
      status: 424,
      body: { code: 'end-user-token-invalid', outcome: 'not-executed' },
    });
    const { body: session } = await till.post('/v1/consent-sessions', { customerId: customer.id });
    await till.post(
      `/v1/consent-sessions/${session.id}/complete`,
      await allowed(session.authorizeUrl, customer.providerRefs.tenantReccaId),
    );
    const { body: link } = await writeOnce(till, wish, { promoCode: 'X' });
    expect(link).toMatchObject({ reused: false });
    // The same request under another key gives the same link.
    const again = await till.post(wish.path, body);
    expect(again).toMatchObject({ status: 201, body: { shortUrl: link.shortUrl, reused: true } });
  });
});

describe.each(whoCan('adjustBalance'))('a balance at %s', provider => {
  it('is changed once, by the difference', async () => {
    const { till, part } = await stage.enter(provider, 'account');
    const { body: customer } = await till.post('/v1/customers/lookup', { identifier: part });
    const wish = {
      path: `/v1/customers/${customer.id}/balance-adjustments`,
      effect: 'adjustment',
      body: { delta: rub('12.34'), reason: 'goodwill' },
    };
    const { body } = await writeOnce(till, wish, { delta: rub('1.00') });
    expect(body).toMatchObject({ customerId: customer.id, delta: rub('12.34'), state: 'succeeded' });
    const cents = (amount: string) => Math.round(Number(amount) * 100);
    const { balance } = (await till.get(`/v1/customers/${customer.id}`)).body;
    expect(cents(balance.amount) - cents(customer.balance.amount)).toBe(1234);
    expect(body.balanceAfter).toEqual(balance);
  });
});
