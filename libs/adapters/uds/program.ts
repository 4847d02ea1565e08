import { defineExchange } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { percent, refusalAt } from '#canonical';
import type { Money, Program, Tier } from '#canonical';
import { contentOf } from './content.js';
import { udsRequest } from './request.js';
import { USUAL_CURRENCY } from './settings.js';

/** `GET /settings`: the company, its policy and its tiers; cached for five minutes for all calls of a connection. */
export const getSettings = defineExchange<Record<string, never>, Program>({
  name: 'getSettings',
  call: 'GET /settings',
  retryClass: 'read',
  cacheSeconds: 300,
  errors: { notFound: 'provider-rejected' },
  request: (_ask, context) => udsRequest({ method: 'GET', path: '/settings' }, context),
  read: ({ body }, _ask, { settings }) => readProgram(contentOf(body).needRecord(), settings.currency),
});

function readProgram(company: Reader, connectionCurrency: string | undefined): Program {
  const policy = policyOf(company.at('baseDiscountPolicy').text());
  const loyalty = company.at('loyaltyProgramSettings');
  const tiers = loyalty.at('membershipTiers');
  const rates = loyalty.at('referralCashbackRates');
  // An error in a 200 has none of these, and is not a company that counts in roubles.
  if (!['name', 'currency', 'baseDiscountPolicy'].some(name => company.at(name).present))
    loyalty.needRecord();
  return {
    name: company.at('name').text(),
    currency: currencyOf(company.at('currency')) ?? connectionCurrency ?? usualCurrency(company),
    policy,
    baseTier: readTier(loyalty.at('baseMembershipTier'), policy),
    tiers: tiers.present && policy ? tiers.list().flatMap(tier => readTier(tier, policy) ?? []) : undefined,
    referralRates: rates.present ? rates.list().flatMap(rate => rate.decimal() ?? []) : undefined,
    redeemByPhone: company.at('usePointsByPhone').flag(),
    purchaseByPhone: company.at('purchaseByPhone').flag(),
    joinCode: company.at('promoCode').text(),
  };
}

// RUR was the code of the rouble until 1998, and still is in many a cabinet.
const ROUBLES = ['RUR', '643', '810', '₽'];

function currencyOf(told: Reader): string | undefined {
  const code = told.text()?.trim().toUpperCase() ?? '';
  if (ROUBLES.includes(code)) return USUAL_CURRENCY;
  return /^[A-Z]{3}$/.test(code) ? code : undefined;
}

// A company that names a currency which cannot be read may count in any.
const usualCurrency = (company: Reader): string =>
  company.at('currency').need(told => (told.text() === undefined ? USUAL_CURRENCY : undefined), 'a currency');

function policyOf(word: string | undefined): Program['policy'] {
  const policy = word?.toUpperCase();
  if (policy === 'CHARGE_SCORES') return 'redeem-points';
  return policy === 'APPLY_DISCOUNT' ? 'discount' : undefined;
}

/** A membership tier; the policy says what its rate means, so without a policy there is no tier. */
export function readTier(tier: Reader, policy: Program['policy']): Tier | undefined {
  const rate = tier.at('rate').decimal();
  if (rate === undefined || policy === undefined) return undefined;
  const maxRedeemPercent = tier.at('maxScoresDiscount').decimal();
  return {
    id: tier.at('uid').text(),
    name: tier.at('name').text(),
    kind: policy === 'discount' ? 'discount' : 'cashback',
    rate: percent(rate),
    maxRedeemPercent: maxRedeemPercent === undefined ? undefined : percent(maxRedeemPercent),
  };
}

/** Refuses money in another currency than the company's: UDS takes plain numbers and would book them in its own currency. */
export function refuseOtherCurrency(program: Program, total: Money): void {
  if (total.currency === program.currency) return;
  const detail = `The company’s currency at UDS is ${program.currency}; UDS accepts no other.`;
  throw refusalAt('/receipt/total/currency', detail);
}
