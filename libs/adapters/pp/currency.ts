import { Decimal } from 'decimal.js';
import { NO_CURRENCY, Refusal, exact, isCurrency, money, scaleOf } from '#canonical';
import type { Money } from '#canonical';
import { send } from '#adapter-kit';
import type { Context, PlanRun, Reader } from '#adapter-kit';
import { DAY_MS } from './clock.js';
import { listRead } from './list-read.js';
import { rowsOf } from './rows.js';
import type { PpSettings } from './settings.js';
import { orTooMuch } from './spans.js';

/** Reads the base currency from the list of payouts; no other answer contains it. */
export const findBaseCurrency = listRead<{ from?: Date }, { currency?: string }>('get_payouts', {
  name: 'find-base-currency',
  call: 'get_payouts (base currency)',
  // A site's base currency does not change, but an account without a payout may get its first one at any time.
  cacheSeconds: 600,
  keeps: ({ currency }) => currency !== undefined,
  read: answer => {
    const codes = rowsOf(answer).map(({ fields }) => codeOf(fields.at('original_currency_code')));
    return { currency: codes.find(code => code !== undefined) };
  },
});

/** The currency of balance and rewards: from the setting, else from a payout, else `NO_CURRENCY`. */
export function* baseCurrency({ settings, now }: Context<PpSettings>): PlanRun<string> {
  if (settings.currency) return settings.currency;
  try {
    const found =
      (yield* orTooMuch(send(findBaseCurrency, {}))) ??
      (yield* orTooMuch(send(findBaseCurrency, { from: monthBefore(now) })));
    return found?.result.currency ?? NO_CURRENCY;
  } catch (error) {
    // The user API restricts keys to methods: a key that may not list payouts can still read its balance.
    if (error instanceof Refusal) return NO_CURRENCY;
    throw error;
  }
}

// Whole days, so that the answer can be shared.
const monthBefore = (now: Date): Date => new Date((Math.floor(now.getTime() / DAY_MS) - 30) * DAY_MS);

/** A currency code in our form: the site's own code without spaces and signs (`USDT-TRC20` → `USDTTRC20`); `undefined` if it has other letters, without which it would be another code. */
export function codeOf(field: Reader): string | undefined {
  const code = field
    .text()
    ?.toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return code !== undefined && isCurrency(code) ? code : undefined;
}

/** Money from an amount and its currency, read from the answer unless given; `undefined` if either cannot be read. */
export function moneyOf(amount: Reader, currency: Reader | string): Money | undefined {
  const number = amount.decimal();
  const code = typeof currency === 'string' ? currency : codeOf(currency);
  return number === undefined || code === undefined ? undefined : money(number, code);
}

/** The same rounded down (a balance) or up (the least amount of a payout), so that what is too little never looks like enough. */
export function limitOf(amount: Reader, currency: string, rounded: 'down' | 'up'): Money | undefined {
  const number = amount.decimal();
  if (number === undefined) return undefined;
  const direction = rounded === 'down' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL;
  return money(exact(number).toDecimalPlaces(scaleOf(currency).kept, direction), currency);
}
