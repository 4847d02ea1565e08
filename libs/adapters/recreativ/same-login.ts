import type { CustomerCreate } from '#canonical';
import type { RecreativUser } from './models.js';

/** What a registration names its person by. */
export type Login = Required<Pick<CustomerCreate, 'username' | 'email'>>;

type Text = string | null | undefined;

const same = (a: Text, b: Text): boolean | undefined =>
  a == null || b == null ? undefined : a.trim().toLowerCase() === b.trim().toLowerCase();

type Named = Pick<RecreativUser, 'id' | 'username' | 'email'>;

/** Whether a row is this person, by its login and e-mail address; what the row does not show is not compared. */
export function sameLogin(row: Named, login: Login): 'yes' | 'partly' | 'no' {
  const checks = comparedWith(row, login);
  if (!checks.includes(true)) return 'no';
  return checks.includes(false) ? 'partly' : 'yes';
}

/** Whether a row shows nothing that could be compared. */
export const isNameless = ({ username, email }: Named): boolean => username == null && email == null;

/** Whether a row is certainly another person, by its login and e-mail address. */
export function isAnother(row: Named, login: Partial<Login>): boolean {
  const checks = comparedWith(row, login);
  return checks.includes(false) && !checks.includes(true);
}

const comparedWith = (row: Named, { username, email }: Partial<Login>): (boolean | undefined)[] => [
  same(username, row.username),
  same(email, row.email),
];
