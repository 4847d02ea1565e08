import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { CannotStart } from './cannot-start.js';

/** Whom the server runs as. PostgreSQL refuses to run as root, so root hands over to an account without rights. */
export interface Account {
  /** Absent when the server runs as whoever started it. */
  ids?: { uid: number; gid: number };
  /** Prefix of every command, where another user is only possible in a namespace. */
  prefix: string[];
}

/** The account for this machine. Throws CannotStart where root cannot become another user. Never creates a user. */
export function chooseAccount(): Account {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const ids = unprivilegedIds();
  if (ids && spawnSync('true', [], ids).status === 0) return { ids, prefix: [] };
  // A container that maps uid 0 alone answers setuid with EINVAL; there a user namespace gives root another name.
  const prefix = ['unshare', '-U', '--map-user=65534', '--map-group=65534', '--'];
  if (spawnSync('unshare', [...prefix.slice(1), 'true']).status === 0) return { prefix };
  throw new CannotStart(
    'PostgreSQL refuses to run as root and this machine lets root become no other user: start as another user, or set DATABASE_URL.',
  );
}

// initdb looks its user up, so it must be in /etc/passwd.
function unprivilegedIds(): Account['ids'] {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const user = users.find(fields => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  return undefined;
}

/** The account for files that are there: a database is opened by its owner alone, who is another one than root chose where the machine's users have changed since. */
export function ownerOf(path: string, account: Account): Account {
  const { uid, gid } = statSync(path);
  return account.ids && uid !== 0 ? { ...account, ids: { uid, gid } } : account;
}

/** Gives a file or directory to the account. */
export function give(path: string, { ids }: Account): void {
  if (ids) chownSync(path, ids.uid, ids.gid);
}

/** Whether the account can enter a directory or run a file. Tried by the system, because a parent directory may be closed to it. */
export function canReach(path: string, account: Account): boolean {
  return runAs(account, 'sh', ['-c', 'test -x "$1"', 'sh', path]).ok;
}

/** Runs a command to its end as the account; `output` is both streams. */
export function runAs(account: Account, command: string, args: string[]): { ok: boolean; output: string } {
  const [program = command, ...words] = [...account.prefix, command, ...args];
  // The working directory may be closed to the account.
  const result = spawnSync(program, words, { ...account.ids, cwd: '/', encoding: 'utf8' });
  return {
    ok: result.status === 0,
    output: `${result.stdout}${result.stderr}${result.error?.message ?? ''}`,
  };
}
