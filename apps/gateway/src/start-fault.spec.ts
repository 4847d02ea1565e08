import { RedisRefused } from '#outbound';
import { WrongMasterKey } from '#persistence';
import { describe, expect, it } from 'vitest';
import { BadSettings } from './settings.js';
import { startFault } from './start-fault.js';

const env = { DATABASE_URL: 'postgres://user:secret@db.local:5432/gateway', HOST: 'till.local' };
const postgres = 'Postgres cannot be used at db.local:5432/gateway';

describe('the fault of a start', () => {
  it.each([
    [new BadSettings('PORT takes a port.'), 'PORT takes a port.'],
    [new RedisRefused('WRONGPASS invalid'), 'Redis cannot be used (WRONGPASS invalid): correct REDIS_URL.'],
    [new WrongMasterKey(), 'MASTER_KEY is not the key that this database was sealed with'],
    [
      failure('ENOTFOUND', 'getaddrinfo ENOTFOUND db.local'),
      `${postgres} (getaddrinfo ENOTFOUND db.local): start it, or correct DATABASE_URL.`,
    ],
    // Node, for a name with several addresses.
    [failure('ECONNREFUSED', ''), `${postgres} (ECONNREFUSED): start it, or correct DATABASE_URL.`],
    [
      failure('42501', 'permission denied for schema public'),
      `${postgres} (permission denied for schema public): make its user the owner of the database (alter database`,
    ],
    [failure('53300', 'too many clients'), `${postgres} (too many clients): raise its max_connections`],
    [failure('28P01', 'password authentication failed'), `${postgres} (password authentication failed)`],
    [
      failure('3D000', 'database "gateway" does not exist'),
      `${postgres} (database "gateway" does not exist): create the database, or correct DATABASE_URL.`,
    ],
    [
      failure('25006', 'cannot execute CREATE TABLE in a read-only transaction'),
      `${postgres} (cannot execute CREATE TABLE in a read-only transaction): set DATABASE_URL to a server that takes writes`,
    ],
    [
      failure('53100', 'No space left on device'),
      `${postgres} (No space left on device): make room on its disk.`,
    ],
    [
      new Error('The server does not support SSL connections'),
      `${postgres} (The server does not support SSL connections)`,
    ],
    [
      failure('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
      `${postgres} (self-signed certificate in certificate chain)`,
    ],
    [failure('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version'), `${postgres} (wrong version)`],
    [new Error('SASL: client password must be a string'), `${postgres} (SASL: client password`],
    [new Error('Query read timeout'), `${postgres} (Query read timeout)`],
    [new Error('Connection terminated unexpectedly'), `${postgres} (Connection terminated`],
    [
      failure('ENOTFOUND', 'getaddrinfo ENOTFOUND till.local', { hostname: 'till.local' }),
      'PORT and HOST cannot be used (getaddrinfo',
    ],
    [
      failure('EADDRINUSE', 'listen EADDRINUSE', { syscall: 'listen' }),
      'PORT and HOST cannot be used (listen',
    ],
  ])('is a sentence where its reader can mend it: %s', (error, sentence) => {
    const said = startFault(error, env);
    expect(said).toContain(sentence);
    expect(said).not.toContain('secret');
  });

  it('keeps its stack if it is a defect', () => {
    const error = new TypeError('undefined is not a function');
    expect(startFault(error, env)).toBe(error);
  });
});

function failure(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}
