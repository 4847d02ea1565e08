import { refusalAt } from '#canonical';
import type { CustomerCreate, CustomerData, Refusal } from '#canonical';
import { Unanswered, Unreadable, defineExchange, ifRefused, send, steps, unlessFailed } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { readAs } from './answer-fields.js';
import { createdAs } from './created-as.js';
import { customerOf } from './customer.js';
import { isNewer, knownUsers } from './known-users.js';
import type { Known } from './known-users.js';
import { RecreativUser } from './models.js';
import { MOST_PAGES } from './paging.js';
import { mayBeCausedByCopy } from './refusal.js';
import { isAnother, sameLogin } from './same-login.js';
import type { Login } from './same-login.js';
import { mayBeTaken } from './taken.js';
import { everyUser } from './users.js';

const names = new Map<keyof CustomerCreate, string>([
  ['username', 'user'],
  ['email', 'email'],
  ['url', 'url'],
  ['displayName', 'name'],
  ['telegram', 'telegram'],
  ['skype', 'skype'],
  ['phone', 'phone'],
]);

/** Registers an advertiser as a referral of the account. Recreativ generates the password and sends an e-mail. */
export const createUser = defineExchange<CustomerCreate, CustomerData>({
  name: 'create-user',
  call: 'POST /advertiser/users',
  retryClass: 'reconcilable',
  // It is sent again all the same, since a login is taken only once; but that it is taken then may be our own doing.
  doubts429: true,
  // Not documented: believed only of a login or an address that somebody had before.
  errors: { 'http-409': 'validation-failed' },
  request: ask => ({
    method: 'POST',
    path: '/advertiser/users',
    json: Object.fromEntries([...names].map(([ours, theirs]) => [theirs, ask[ours]])),
  }),
  read: (answer, { username, displayName, email, phone }, context) => {
    const row = createdAs(answer, read => readAs(RecreativUser, read));
    if (isAnother(row, { username, email })) throw new Unreadable('', 'describes another account');
    const created = customerOf(row, context);
    // The accepted values are known even if the answer does not repeat them.
    const sent = Object.entries({ displayName, email, phone }).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(sent), ...created, ...(displayName && { displayName }) };
  },
});

/** Reads who has this login or e-mail address, then registers, so that after a lost answer the account is not confused with an older one. */
export const createCustomer = steps(
  createUser,
  function* (ask: CustomerCreate, context): PlanRun<CustomerData> {
    const login = requireLogin(ask);
    let found: Known = { ids: [], more: true };
    for (let page = 1; found.more && page <= MOST_PAGES; page++) {
      const { ids: known, count, greatest, first } = found;
      found = yield* send(knownUsers, { ...login, page, known, count, greatest, first });
    }
    const made = yield* ifRefused(send(createUser, ask), function* (refusal) {
      if (yield* mayBeOfOurCopy(refusal, login, { found, ...context }))
        throw new Unanswered('Recreativ refused a login or an address that no account had before');
    });
    if (isNewer(made.providerRefs['userId']!, found.greatest)) return made;
    throw new Unanswered('Recreativ answered with the number of an older account');
  },
);

// A registration that reached Recreativ twice (a proxy repeated it) is refused the second time: the first took the login.
function* mayBeOfOurCopy(
  refusal: Refusal,
  login: Login,
  { found, repeated }: { found: Known; repeated?: boolean },
): PlanRun<boolean> {
  if (found.ids.length > 0) return false;
  if (refusal.members.provider?.code === 'http-409') return true;
  if (!mayBeCausedByCopy(refusal) || !mayBeTaken(refusal) || found.blank) return false;
  // Behind a 429 the list may show the account late; otherwise one look tells our own copy from a stranger's login.
  return repeated || (yield* isListed(login));
}

// Whether an account has this login and address. Without the list, the refusal remains valid: it was sent once, and a login that is
// taken is an everyday thing.
function* isListed(login: Login): PlanRun<boolean> {
  const rows = yield* unlessFailed(everyUser());
  return rows?.some(row => sameLogin(row, login) === 'yes') ?? false;
}

function requireLogin(ask: CustomerCreate): Login {
  const others = Object.entries(ask).flatMap(([name, value]) =>
    value === undefined || names.has(name as keyof CustomerCreate) ? [] : [`/${name}`],
  );
  if (others.length > 0)
    throw refusalAt(others, `Recreativ accepts only ${[...names.keys()].join(', ')}.`, 'unsupported-field');
  const { username, email } = ask;
  if (username !== undefined && email !== undefined) return { username, email };
  const missing = (['username', 'email'] as const).filter(name => ask[name] === undefined);
  throw refusalAt(
    missing.map(name => `/${name}`),
    'Recreativ requires a login and an e-mail address.',
  );
}
