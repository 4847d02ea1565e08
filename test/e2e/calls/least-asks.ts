import { newId } from '#canonical';
import type { OperationKind } from '#canonical';
import type { Ask } from '../../support/gateway.js';

/** Gateway ids that a request may name. */
export interface Named {
  customerId: string;
  purchaseId: string;
  holdId: string;
}

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const who = { identifier: { type: 'code', value: '123456' } };
const receipt = { total: rub('10.00') };
const post = (path: string, body: object): Ask => ({ method: 'POST', path, body });
const get = (path: string): Ask => ({ method: 'GET', path });

/** The smallest valid request for an operation over REST, for any provider. */
export const leastAsks: Record<OperationKind, (named: Named) => Ask> = {
  getProgram: () => get('/v1/program'),
  lookupCustomer: () => post('/v1/customers/lookup', who),
  getCustomer: ({ customerId }) => get(`/v1/customers/${customerId}`),
  listCustomers: () => get('/v1/customers'),
  listTransactions: ({ customerId }) => get(`/v1/customers/${customerId}/transactions`),
  createCustomer: () => post('/v1/customers', { externalId: 'crm-1' }),
  adjustBalance: ({ customerId }) =>
    post(`/v1/customers/${customerId}/balance-adjustments`, { delta: rub('1.00') }),
  createQuote: () => post('/v1/quotes', { ...who, receipt }),
  createHold: () => post('/v1/holds', { ...who, points: '10' }),
  releaseHold: ({ holdId }) => post(`/v1/holds/${holdId}/release`, {}),
  createPurchase: () => post('/v1/purchases', { ...who, merchantReference: 'order-1', receipt }),
  createRefund: ({ purchaseId }) =>
    post(`/v1/purchases/${purchaseId}/refunds`, { merchantReference: 'refund-1' }),
  createLink: ({ customerId }) =>
    post('/v1/referral/links', { customerId, target: { type: 'offer', id: 'off_42' } }),
  listClicks: () => get('/v1/referral/clicks'),
  createLead: ({ customerId }) =>
    post('/v1/referral/leads', { referrerCustomerId: customerId, contact: { name: 'Мария' } }),
  listLeads: () => get('/v1/referral/leads'),
  createConversion: () =>
    post('/v1/referral/conversions', {
      leadId: newId('led'),
      amount: rub('1.00'),
      merchantReference: 'order-1',
    }),
  listConversions: () => get('/v1/referral/conversions'),
  getReferralTree: () => get('/v1/referral/tree'),
  listPartners: () => get('/v1/referral/partners'),
  getReferralSummary: () => get('/v1/referral/summary'),
  listPayoutMethods: () => get('/v1/referral/payout-methods'),
  createPayout: () => post('/v1/referral/payouts', { methodId: '1', account: 'U7654321' }),
  listPayouts: () => get('/v1/referral/payouts'),
  getStatistics: () => get('/v1/statistics?subject=campaigns'),
};
