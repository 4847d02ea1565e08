import { RedisRefused } from '#outbound';
import { WrongMasterKey, isStoreAway } from '#persistence';
import { BadSettings } from './settings.js';

// Postgres: wrong user or password (28…), no such database (3D000), no right to use it (42501), a standby (25006), a full disk (53…).
const refused = /^(28\d{3}|28P01|3D000|42501|25006|53\d{3})$/;
// Its certificate, its encryption or its password cannot be agreed on; Node names hundreds of reasons.
const disagreed = /\b(SSL|TLS|SASL)\b|CERT|_(SSL|TLS)_/;

// What helps where Postgres answers, and a start or another URL would not.
const advice: Record<string, string> = {
  '3D000': 'create the database, or correct DATABASE_URL',
  '42501': 'make its user the owner of the database (alter database … owner to …)',
  '25006': 'set DATABASE_URL to a server that takes writes, or make room on its disk',
  '53100': 'make room on its disk',
  '53200': 'give it more memory',
  '53300': 'raise its max_connections, or start fewer processes',
};

/** What the person who started a process reads when it cannot go on: a sentence where the cause is theirs to mend, else the error. */
export function startFault(error: unknown, env: NodeJS.ProcessEnv, port = 'PORT'): unknown {
  const { code = '', message, syscall, hostname } = error as NodeJS.ErrnoException & { hostname?: string };
  if (error instanceof BadSettings || error instanceof WrongMasterKey) return message;
  if (syscall === 'listen' || (hostname !== undefined && hostname === env['HOST']))
    return `${port} and HOST cannot be used (${message}): set them to an address of this machine and a free port.`;
  if (error instanceof RedisRefused) return `Redis cannot be used (${message}): correct REDIS_URL.`;
  if (!refused.test(code) && !disagreed.test(`${code} ${message}`) && !isStoreAway(error)) return error;
  const url = env['DATABASE_URL'] ?? '';
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: 'DATABASE_URL', pathname: '' };
  // A name with several addresses fails with an empty message.
  return `Postgres cannot be used at ${host}${pathname} (${message || code}): ${advice[code] ?? 'start it, or correct DATABASE_URL'}.`;
}
