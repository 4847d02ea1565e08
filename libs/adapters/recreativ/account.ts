import { floorMoney, providerTime } from '#canonical';
import type { Page, PageAsk, Partner, Program, ProviderRefs, ReferralSummary, TreeData } from '#canonical';
import { Unreadable, send, steps } from '#adapter-kit';
import type { Context, Exchange, PlanRun } from '#adapter-kit';
import { me, user, userIdOf } from './customer.js';
import type { RecreativUser } from './models.js';
import type { RecreativSettings } from './settings.js';
import { everyUser, users } from './users.js';
import { recordOf } from './wire.js';

type Settings = Context<RecreativSettings>;
interface Whose {
  refs?: ProviderRefs;
}

// Where the balance is what was asked for, one that cannot be read must not look like none.
const withBalance = <Ask>(exchange: Exchange<Ask, RecreativUser>): Exchange<Ask, RecreativUser> => ({
  ...exchange,
  name: `${exchange.name}-with-balance`,
  read(answer, ask, context) {
    const account = exchange.read(answer, ask, context);
    const balance = recordOf(answer).at('balance');
    if (balance.present && account.balance === undefined)
      throw new Unreadable(balance.pointer, 'is not a number');
    return account;
  },
});

const myBalance = withBalance(me);
const userBalance = withBalance(user);

/** The account's currency and balance: Recreativ has nothing else of a program. */
export const getProgram = steps(
  me,
  function* (_: Record<string, never>, context: Settings): PlanRun<Program> {
    const { currency } = context.settings;
    return { currency, ...balanceOf(yield* send(myBalance, {}), currency) };
  },
);

/** The balance of the account, or of one referral. */
export const getReferralSummary = steps(
  me,
  function* ({ refs }: Whose, context: Settings): PlanRun<ReferralSummary> {
    const account = yield* refs ? send(userBalance, { userId: userIdOf(refs) }) : send(myBalance, {});
    return balanceOf(account, context.settings.currency);
  },
);

/** The referrals of the account (or of one referral, as far as visible): one level, read from `parentId`. */
export const getReferralTree = steps(users, function* ({ refs }: Whose): PlanRun<TreeData> {
  const root = yield* refs ? send(user, { userId: userIdOf(refs) }) : send(me, {});
  const below = broughtBy(root.id, yield* everyUser(), refs === undefined);
  const node = ({ id, username }: RecreativUser, depth: number) => ({
    customerRef: id,
    ...(username != null && { displayName: username }),
    depth,
    parentRef: depth === 0 ? null : root.id,
  });
  const top = node(root, 0);
  const levels = [[top], ...(below.length > 0 ? [below.map(each => node(each, 1))] : [])];
  return { root: top, levels, totalDownline: below.length, truncated: false, maxDepth: 1 };
});

/** The account's referrals as partners, in Recreativ's order; those of one referral where `refs` name them. A page begins behind the last one of the page before, wherever new ones are listed. */
export const listPartners = steps(users, function* (ask: PageAsk & Whose): PlanRun<Page<Partner>> {
  const rows = yield* everyUser();
  const all = ask.refs ? broughtBy(userIdOf(ask.refs), rows, false) : rows;
  const start = startOf(ask.cursor, all);
  const end = start + ask.limit;
  const data = all.slice(start, end).map(({ id, username, type, date }) => ({
    customerRef: id,
    ...(username != null && { displayName: username }),
    ...(type != null && { role: type }),
    ...(date != null && { joinedAt: providerTime(date) }),
    // Recreativ has no status for former referrals: everybody in the list is one.
    active: true,
  }));
  return end < all.length ? { data, next: `${end}/${all[end - 1]!.id}` } : { data };
});

function startOf(cursor: string | undefined, rows: RecreativUser[]): number {
  const [, end, last] = /^(\d+)\/(.+)$/.exec(cursor ?? '') ?? [];
  return rows.findIndex(({ id }) => id === last) + 1 || Number(end ?? 0);
}

// The list IS the account's referrals: a row without a parent is one of them too.
const broughtBy = (id: string, rows: RecreativUser[], owner: boolean): RecreativUser[] =>
  rows.filter(row => row.id !== id && (row.parentId === id || (owner && row.parentId == null)));

const balanceOf = ({ balance }: RecreativUser, currency: string) =>
  balance == null ? {} : { balance: floorMoney(balance, currency) };
