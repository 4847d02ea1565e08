import { Refusal } from '#canonical';
import type { CustomerCreate, CustomerData } from '#canonical';
import { Unreadable, defineExchange, send, steps } from '#adapter-kit';
import type { PlanRun, Reconcile, ReconcileContext, Verdict, WireAnswer } from '#adapter-kit';
import { customerOf } from './customer.js';
import { RecreativUser } from './models.js';
import { readAs } from './told.js';
import { LARGEST_PAGE, everyUser } from './users.js';
import { MOST_PAGES, get, isBare, recordOf, sheetOf, wholeOf, wrong } from './wire.js';

const names = new Map<keyof CustomerCreate, string>([
  ['username', 'user'],
  ['email', 'email'],
  ['url', 'url'],
  ['displayName', 'name'],
  ['telegram', 'telegram'],
  ['skype', 'skype'],
  ['phone', 'phone'],
]);

/** Registers an advertiser as a referral of the account. Recreativ makes the password and writes to the mailbox. */
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
    if (isAnother(row, { username, email })) throw new Unreadable('', 'tells of another account');
    const created = customerOf(row, context);
    // What was just accepted is known also where the answer does not repeat it.
    const sent = Object.entries({ displayName, email, phone }).filter(([, value]) => value !== undefined);
    return { ...Object.fromEntries(sent), ...created, ...(displayName && { displayName }) };
  },
});

/** What a 201 made: its body, or only the id at the end of `Location`, since Yii sends no body by itself. */
export function createdAs<T>(
  answer: WireAnswer,
  read: (row: ReturnType<typeof recordOf>) => T,
): T | { id: string } {
  const id = /\/(\w+)\/?(?:[?#].*)?$/.exec(answer.headers['location'] ?? '')?.[1];
  try {
    return read(recordOf(answer));
  } catch (error) {
    if (error instanceof Unreadable && id !== undefined && /\d/.test(id)) return { id };
    throw error;
  }
}

type Login = Required<Pick<CustomerCreate, 'username' | 'email'>>;

interface Known {
  ids: string[];
  /** The list went on after the last page that was read. */
  more: boolean;
  /** First row of this page. */
  first?: string;
  /** A page was answered by nothing at all: who stood on it is not known. */
  blank?: true;
}

/** Who has the login or the address already; ids alone, carried from page to page, since steps are stored. */
export const knownUsers = defineExchange<Login & { page: number; known: string[] }, Known>({
  name: 'known-users',
  call: 'GET /advertiser/users (before)',
  retryClass: 'read',
  request: ({ page }) => get('/advertiser/users', { 'per-page': String(LARGEST_PAGE) }, page),
  read: (answer, { page, known, ...login }) => {
    const { blank, ...sheet } = sheetOf(answer, page, row => readAs(RecreativUser, row));
    // Nobody may be listed yet: that must not keep the first customer from being registered.
    const { rows, more } = wholeOf(sheet);
    const ids = rows.filter(row => agrees(row, login) !== 'no').map(({ id }) => id);
    return {
      ids: [...new Set([...known, ...ids])],
      more: more || (isBare(answer) && rows.length > 0),
      first: rows[0]?.id,
      ...(blank && { blank }),
    };
  },
});

/** Notes who has this login or address, then registers: so that a lost answer can be told from an older account. */
export const createCustomer = steps(createUser, function* (ask: CustomerCreate): PlanRun<CustomerData> {
  const login = demandLogin(ask);
  let found: Known = { ids: [], more: true };
  for (let page = 1; found.more && page <= MOST_PAGES; page++) {
    const next: Known = yield* send(knownUsers, { ...login, page, known: found.ids });
    // The same page again: this server does not turn pages.
    if (page > 1 && next.first === found.first) break;
    found = next;
  }
  return yield* send(createUser, ask);
});

function demandLogin(ask: CustomerCreate): Login {
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
      ? `Recreativ takes ${[...names.keys()].join(', ')}.`
      : 'Recreativ registers nobody without a login and an e-mail address.';
  if (fields.length === 1) return wrong(`/${fields[0]}`, detail, code);
  return new Refusal(code, { detail, errors: fields.map(name => ({ pointer: `/${name}`, code, detail })) });
}

const same = (a: string, b: string | null | undefined): boolean | undefined =>
  b == null ? undefined : a.trim().toLowerCase() === b.trim().toLowerCase();

type Named = Pick<RecreativUser, 'id' | 'username' | 'email'>;

/** Whether a row is this person: by what it tells of login and address. */
function agrees(row: Named, login: Login): 'yes' | 'partly' | 'no' {
  const said = comparedWith(row, login);
  if (!said.includes(true)) return 'no';
  return said.includes(false) ? 'partly' : 'yes';
}

/** Whether all that a row tells of login and address is somebody else's. */
function isAnother(row: Named, login: Partial<Login>): boolean {
  const said = comparedWith(row, login);
  return said.includes(false) && !said.includes(true);
}

const comparedWith = (row: Named, { username, email }: Partial<Login>): boolean[] =>
  [username && same(username, row.username), email && same(email, row.email)].filter(
    one => typeof one === 'boolean',
  );

/** Looks for the new account among the referrals. A new account is listed at once: "автоматически будет обозначен, как реферал" (document). */
export const usersList: Reconcile<CustomerCreate, CustomerData> = {
  strategy: 'users-list',
  *run(ask: CustomerCreate, context: ReconcileContext): PlanRun<Verdict<CustomerData>> {
    const before = context.before[knownUsers.name] as Known | undefined;
    if (!before || before.blank) return unclear('Nobody noted which accounts there were before.');
    const login = { username: ask.username!, email: ask.email! };
    const rows = yield* everyUser({ whole: true });
    const fresh = rows.filter(row => agrees(row, login) !== 'no' && !before.ids.includes(row.id));
    const [found, another] = fresh.filter(row => agrees(row, login) === 'yes');
    if (another) return unclear('More than one new account fits.');
    if (!found && fresh.length > 0) return unclear('A new account has this login or this address, not both.');
    if (!found) return { verdict: 'absent' };
    const result = {
      ...customerOf(found, context as never),
      ...(ask.displayName && { displayName: ask.displayName }),
    };
    return { verdict: 'executed', result, evidence: 'strong' };
  },
};

const unclear = (note: string): Verdict<CustomerData> => ({ verdict: 'inconclusive', note });
