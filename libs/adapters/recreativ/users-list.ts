import type { CustomerAsk, CustomerData } from '#canonical';
import { inconclusive, undecided, unprovable } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { customerOf } from './customer.js';
import { isNewer, knownUsers } from './known-users.js';
import type { Known } from './known-users.js';
import type { RecreativUser } from './models.js';
import { isNameless, sameLogin } from './same-login.js';
import type { RecreativSettings } from './settings.js';
import { everyUserSurely } from './users.js';

// The list before may not have shown them yet.
const othersOf = ({ othersRefs = [] }: CustomerAsk): string[] =>
  othersRefs.filter(({ name }) => name === 'userId').map(({ value }) => value);

/** Searches the referrals for the new account. It is listed at once: "автоматически будет обозначен, как реферал" (documentation). */
export const usersList: Reconcile<CustomerAsk, CustomerData> = {
  strategy: 'users-list',
  *run(ask: CustomerAsk, context: ReconcileContext<RecreativSettings>): PlanRun<Verdict<CustomerData>> {
    const before = context.before[knownUsers.name] as Known | undefined;
    if (!before || before.blank) return unprovable('The accounts that existed before were not recorded.');
    const login = { username: ask.username!, email: ask.email! };
    const { rows, isCut } = yield* everyUserSurely();
    const known = new Set([...before.ids, ...othersOf(ask)]);
    const fresh = rows.filter(row => sameLogin(row, login) !== 'no' && !known.has(row.id));
    const [found, another] = fresh.filter(row => sameLogin(row, login) === 'yes');
    if (another) return unprovable('More than one new account matches.');
    if (found) return { verdict: 'executed', result: accountOf(found, ask, context), evidence: 'strong' };
    if (fresh.length > 0)
      return undecided('A new account has this login or this e-mail address, but not both.', context);
    if (rows.length < (before.count ?? 0)) return inconclusive('Fewer accounts are listed now than before.');
    if (rows.some(row => isNameless(row) && isNewer(row.id, before.greatest)))
      return undecided('A new account is listed without a login and an e-mail address.', context);
    if (isCut) return undecided('The list of accounts may be cut off.', context);
    return { verdict: 'absent' };
  },
};

const accountOf = (
  found: RecreativUser,
  { displayName }: CustomerAsk,
  context: ReconcileContext<RecreativSettings>,
): CustomerData => ({ ...customerOf(found, context), ...(displayName && { displayName }) });
