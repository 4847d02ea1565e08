import { Refusal } from '#canonical';
import type { CustomerAsk, CustomerCreate, CustomerData } from '#canonical';
import {
  Unanswered,
  Unreadable,
  defineExchange,
  inconclusive,
  isFailedExchange,
  send,
  steps,
  undecided,
  unprovable,
} from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict } from '#adapter-kit';
import { createdAs } from './created-as.js';
import { customerOf } from './customer.js';
import { RecreativUser } from './models.js';
import { readAs } from './answer-fields.js';
import { mayBeCausedByCopy } from './refusal.js';
import type { RecreativSettings } from './settings.js';
import { LARGEST_PAGE, everyUser } from './users.js';
import { isBare } from './paging.js';
import { MOST_PAGES, get, sheetOf, wholeOf } from './wire.js';

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
  request: ask => ({
    method: 'POST',
    path: '/advertiser/users',
    json: Object.fromEntries(
      [...names].flatMap(([ours, theirs]) => (ask[ours] === undefined ? [] : [[theirs, ask[ours]]])),
    ),
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

type Login = Required<Pick<CustomerCreate, 'username' | 'email'>>;

interface Known {
  ids: string[];
  /** How many accounts are listed up to here, and the greatest id of them. */
  count?: number;
  greatest?: string;
  /** There are more pages after the last one that was read. */
  more: boolean;
  /** The first row of this page. */
  first?: string;
  /** A page had an empty value instead of rows: its rows are unknown. */
  blank?: true;
}

/** `first` is the first row of the page before. */
type KnownAsk = Login & { page: number; known: string[] } & Pick<Known, 'count' | 'greatest' | 'first'>;

/** The accounts that already have the login or the e-mail address; only ids, passed from page to page, since steps are stored. */
export const knownUsers = defineExchange<KnownAsk, Known>({
  name: 'known-users',
  call: 'GET /advertiser/users (before)',
  retryClass: 'read',
  request: ({ page }) => get('/advertiser/users', { 'per-page': String(LARGEST_PAGE) }, page),
  read: (answer, { page, known, count = 0, greatest, first, ...login }) => {
    const { blank, ...sheet } = sheetOf(answer, page, row => readAs(RecreativUser, row));
    // The list may be empty: that must not prevent the registration of the first customer.
    const { rows, more } = wholeOf(sheet);
    // The same page again: this server has no paging, and its rows were counted.
    if (first !== undefined && rows[0]?.id === first)
      return { ids: known, more: false, first, count, greatest };
    const ids = rows.filter(row => agrees(row, login) !== 'no').map(({ id }) => id);
    return {
      ids: [...new Set([...known, ...ids])],
      more: more || (isBare(answer) && rows.length > 0),
      first: rows[0]?.id,
      count: count + new Set(rows.map(({ id }) => id)).size,
      greatest: rows.reduce((most, { id }) => (isNewer(id, most) ? id : most), greatest),
      ...(blank && { blank }),
    };
  },
});

/** Reads who has this login or e-mail address, then registers, so that after a lost answer the account is not confused with an older one. */
export const createCustomer = steps(createUser, function* (ask: CustomerCreate): PlanRun<CustomerData> {
  const login = requireLogin(ask);
  let found: Known = { ids: [], more: true };
  for (let page = 1; found.more && page <= MOST_PAGES; page++) {
    const { ids: known, count, greatest, first } = found;
    found = yield* send(knownUsers, { ...login, page, known, count, greatest, first });
  }
  try {
    const made = yield* send(createUser, ask);
    if (isNewer(made.providerRefs['userId']!, found.greatest)) return made;
    throw new Unanswered('Recreativ answered with the number of an older account');
  } catch (error) {
    if (error instanceof Refusal && mayBeCaused(error, found)) yield* requireUnlisted(login);
    throw error;
  }
});

// Recreativ counts its accounts; ids that are not numbers are not compared.
function isNewer(id: string, greatest: string | undefined): boolean {
  const areNumbers = [id, greatest ?? ''].every(one => /^\d+$/.test(one));
  return !areNumbers || BigInt(id) > BigInt(greatest!);
}

// A registration that reached Recreativ twice (a proxy repeated it) is refused the second time: the first took the login.
function mayBeCaused(refusal: Refusal, before: Known): boolean {
  const { errors } = refusal.members;
  const isAboutLogin =
    !errors?.length || errors.some(({ pointer }) => ['/username', '/email'].includes(pointer));
  return mayBeCausedByCopy(refusal) && isAboutLogin && before.ids.length === 0 && !before.blank;
}

function* requireUnlisted(login: Login): PlanRun<void> {
  if ((yield* usersOrNone()).some(row => agrees(row, login) === 'yes'))
    throw new Unanswered('Recreativ refused the registration, but a new account has this login and address');
}

// Without the list, the refusal remains valid: it was sent once, and a login that is taken is an everyday thing.
function* usersOrNone(): PlanRun<RecreativUser[]> {
  try {
    return yield* everyUser();
  } catch (error) {
    if (isFailedExchange(error)) return [];
    throw error;
  }
}

function requireLogin(ask: CustomerCreate): Login {
  const others = Object.entries(ask).filter(
    ([name, value]) => value !== undefined && !names.has(name as keyof CustomerCreate),
  );
  if (others.length > 0)
    throw refusedFields(
      others.map(([name]) => name),
      'unsupported-field',
    );
  const { username, email } = ask;
  if (username === undefined || email === undefined) {
    const missing = Object.entries({ username, email }).filter(([, value]) => value === undefined);
    throw refusedFields(
      missing.map(([name]) => name),
      'validation-failed',
    );
  }
  return { username, email };
}

function refusedFields(fields: string[], code: 'unsupported-field' | 'validation-failed'): Refusal {
  const detail =
    code === 'unsupported-field'
      ? `Recreativ accepts only ${[...names.keys()].join(', ')}.`
      : 'Recreativ requires a login and an e-mail address.';
  return new Refusal(code, { detail, errors: fields.map(name => ({ pointer: `/${name}`, code, detail })) });
}

const same = (a: string, b: string | null | undefined): boolean | undefined =>
  b == null ? undefined : a.trim().toLowerCase() === b.trim().toLowerCase();

type Named = Pick<RecreativUser, 'id' | 'username' | 'email'>;

/** Whether a row is this person, by its login and e-mail address. */
function agrees(row: Named, login: Login): 'yes' | 'partly' | 'no' {
  const checks = comparedWith(row, login);
  if (!checks.includes(true)) return 'no';
  return checks.includes(false) ? 'partly' : 'yes';
}

const isNameless = ({ username, email }: Named): boolean => username == null && email == null;

/** Whether a row is certainly another person, by its login and e-mail address. */
function isAnother(row: Named, login: Partial<Login>): boolean {
  const checks = comparedWith(row, login);
  return checks.includes(false) && !checks.includes(true);
}

const comparedWith = (row: Named, { username, email }: Partial<Login>): boolean[] =>
  [username && same(username, row.username), email && same(email, row.email)].filter(
    one => typeof one === 'boolean',
  );

/** The accounts of other registrations of ours, which the list before may not have shown yet. */
const othersOf = ({ othersRefs = [] }: CustomerAsk): string[] =>
  othersRefs.filter(({ name }) => name === 'userId').map(({ value }) => value);

/** Searches the referrals for the new account. It is listed at once: "автоматически будет обозначен, как реферал" (documentation). */
export const usersList: Reconcile<CustomerAsk, CustomerData> = {
  strategy: 'users-list',
  *run(ask: CustomerAsk, context: ReconcileContext<RecreativSettings>): PlanRun<Verdict<CustomerData>> {
    const before = context.before[knownUsers.name] as Known | undefined;
    if (!before || before.blank) return unprovable('The accounts that existed before were not recorded.');
    const login = { username: ask.username!, email: ask.email! };
    const rows = yield* everyUser({ whole: true });
    const known = new Set([...before.ids, ...othersOf(ask)]);
    const fresh = rows.filter(row => agrees(row, login) !== 'no' && !known.has(row.id));
    const [found, another] = fresh.filter(row => agrees(row, login) === 'yes');
    if (another) return unprovable('More than one new account matches.');
    if (!found && fresh.length > 0)
      return undecided('A new account has this login or this e-mail address, but not both.', context);
    if (!found && rows.length < (before.count ?? 0))
      return inconclusive('Fewer accounts are listed now than before.');
    if (!found && rows.some(row => isNameless(row) && isNewer(row.id, before.greatest)))
      return undecided('A new account is listed without a login and an e-mail address.', context);
    if (!found) return { verdict: 'absent' };
    const result = {
      ...customerOf(found, context),
      ...(ask.displayName && { displayName: ask.displayName }),
    };
    return { verdict: 'executed', result, evidence: 'strong' };
  },
};
