import type { Effect } from '#adapter-kit/testing';
import { BASE } from './account.js';
import type { Account } from './account.js';
import type { PpOptions } from './options.js';
import { methods } from './seed.js';
import { bad, column, dateOf, good, itemsOf, listed, say, shown } from './site.js';

/** The input of a call; `form` is the POST body, the only place for fields. */
export interface Call {
  account: Account;
  form: URLSearchParams;
  now: Date;
  options: PpOptions;
  /** The newer API: more columns, correct spelling, numbers. */
  userApi: boolean;
}

/** The site's answer, and its effect on the ledger. */
export interface Done {
  body: object;
  effect?: Effect;
}

const windowOf = ({ form }: Call) => {
  const start = Number(form.get('start_time') ?? 0);
  const end = Number(form.get('end_time') ?? 0);
  return ({ time }: { time: number }) => (!start || time >= start) && (!end || time <= end);
};

const byTime = (a: { time: number }, b: { time: number }): number => b.time - a.time;

/** `get_info`. */
export function info({ account, now, options, userApi }: Call): Done {
  const rows = methods
    .filter(({ open }) => open)
    .map(method => ({
      id: column(options, method.id),
      title: shown(method.title),
      [userApi ? 'commission' : 'comission']: `${method.fee}%`,
      amount: account.receives(method, now).toFixed(),
    }));
  return {
    body: good({
      ...(userApi ? { partner_id: 8 } : {}),
      balance: column(options, account.balance(now).toFixed()),
      min_payout: column(options, account.minPayout),
      items: itemsOf(options.items, rows),
    }),
  };
}

/** `get_links`; its filter by ip uses a column that the table does not have, and finds nothing. */
export function links(call: Call): Done {
  const { account, form, options } = call;
  const found = form.get('ip') ? [] : account.visits().filter(windowOf(call)).sort(byTime);
  const rows = found.map(visit => ({
    id: column(options, visit.id),
    time: visit.time,
    date: dateOf(visit.time),
    browser: shown(visit.browser),
    ip: visit.ip,
    referrer: shown(visit.referrer),
    user_hash: visit.hash,
    query_string: shown(visit.query),
  }));
  return { body: listed(options, rows) };
}

/** `get_exchanges`. */
export function exchanges(call: Call): Done {
  const { account, now, options, userApi } = call;
  const rows = account
    .deals()
    .filter(windowOf(call))
    .sort(byTime)
    .map(deal => {
      const accrued = account.accrued(deal, now) ? 1 : 0;
      return {
        id: column(options, deal.id),
        time: deal.time,
        date: dateOf(deal.time),
        currency_code_give: deal.give[0],
        currency_code_get: deal.get[0],
        course_give: column(options, '1'),
        course_get: column(options, '1'),
        amount_give: column(options, deal.give[1]),
        amount_get: column(options, deal.get[1]),
        exchange_success: accrued,
        accrued,
        partner_reward: column(options, deal.reward),
        user_hash: deal.hash,
        ...(userApi ? { ...userColumns(account.words(deal, now), deal.time), user_ip: deal.ip } : {}),
      };
    });
  return { body: listed(options, rows) };
}

const userColumns = (words: string[], time: number) => ({
  psys_give: 'Perfect Money',
  psys_get: 'Bitcoin',
  status: words.at(-1),
  statuses: words.map((status, step) => ({ time: time + step * 60, date: dateOf(time + step * 60), status })),
});

/** `get_payouts`. */
export function payouts(call: Call): Done {
  const { account, options } = call;
  const rows = account
    .payouts()
    .filter(windowOf(call))
    .sort((a, b) => byTime(a, b) || b.id - a.id)
    .map(payout => ({
      id: column(options, payout.id),
      time: payout.time,
      date: dateOf(payout.time),
      method_id: payout.methodId,
      account: shown(payout.account),
      pay_amount: column(options, payout.payAmount),
      pay_currency_code: payout.payCode,
      original_amount: column(options, payout.amount),
      original_currency_code: BASE,
      status: column(options, payout.status),
    }));
  return { body: listed(options, rows) };
}

/** `add_payout`: success has a text as well. */
export function addPayout({ account, form, now, options }: Call): Done {
  const wallet = (form.get('account') ?? '').replace(/\s+/g, '');
  const ordered = account.order(Number.parseInt(form.get('method_id') ?? '0', 10) || 0, wallet, now);
  const text = say(options.language);
  if (typeof ordered === 'string') return { body: bad(text[ordered]) };
  const effect: Effect = {
    type: 'payout',
    key: `${ordered.methodId}:${ordered.account}`,
    id: String(ordered.id),
    data: { amount: ordered.amount, currency: BASE },
  };
  return { body: good({ payout_id: ordered.id }, text.done), effect };
}
