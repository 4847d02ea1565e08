import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BadSettings, readSettings } from './settings.js';

const MASTER_KEY = randomBytes(32).toString('base64');
const good = { DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/gateway', MASTER_KEY };

describe('settings', () => {
  it('have defaults for everything but the database and the master key', () => {
    expect(readSettings(good)).toEqual({
      port: 3000,
      host: '0.0.0.0',
      workerPort: undefined,
      databaseUrl: good.DATABASE_URL,
      redisUrl: undefined,
      masterKey: Buffer.from(MASTER_KEY, 'base64'),
      previousMasterKey: undefined,
      dataDir: '.data',
      bootstrapKey: undefined,
      keyRateLimit: 200,
      egressAllow: [],
      sandbox: undefined,
      logLevel: 'info',
    });
  });

  it('allow the sandbox’s own address, and otherwise only those that are set', () => {
    const env = {
      ...good,
      SANDBOX: 'on',
      SANDBOX_PORT: '4001',
      HOST: '::',
      EGRESS_ALLOW: '10.0.0.0/8, 192.168.1.1 ,fd00::/8,::1',
    };
    expect(readSettings(env)).toMatchObject({
      sandbox: { host: '127.0.0.1', port: 4001 },
      egressAllow: ['10.0.0.0/8', '192.168.1.1', 'fd00::/8', '::1', '127.0.0.1:4001'],
    });
  });

  it.each([
    ['127.0.0.1', '127.0.0.1', '127.0.0.1:4001'],
    ['0.0.0.0', '127.0.0.1', '127.0.0.1:4001'],
    ['192.168.1.10', '192.168.1.10', '192.168.1.10:4001'],
    ['::1', '::1', '[::1]:4001'],
    ['localhost', '127.0.0.1', '127.0.0.1:4001'],
  ])('allow the sandbox’s own address where HOST is %s', (HOST, host, allowed) => {
    const { sandbox, egressAllow } = readSettings({ ...good, SANDBOX: 'on', SANDBOX_PORT: '4001', HOST });
    expect(sandbox).toEqual({ host, port: 4001 });
    expect(egressAllow).toEqual([allowed]);
  });

  it('treat an empty variable as absent', () => {
    expect(readSettings({ ...good, PORT: '', EGRESS_ALLOW: '', REDIS_URL: '' })).toMatchObject({
      port: 3000,
    });
  });

  it.each([
    ['PORT', 'eighty', 'PORT takes a port: a number from 1 to 65535.'],
    ['PORT', '65536', 'PORT takes a port'],
    ['PORT', '0x1F90', 'PORT takes a port'],
    ['PORT', '8e3', 'PORT takes a port'],
    ['WORKER_PORT', '0', 'WORKER_PORT takes a port: a number from 1 to 65535.'],
    ['WORKER_PORT', 'none', 'WORKER_PORT takes a port'],
    ['DATABASE_URL', '', 'DATABASE_URL takes postgres://'],
    ['DATABASE_URL', 'mysql://x', 'DATABASE_URL takes postgres://'],
    ['DATABASE_URL', 'postgres://u:100%sure@db/gateway', 'DATABASE_URL takes postgres://'],
    ['DATABASE_URL', 'postgres://u:p@db:99999/gateway', 'DATABASE_URL takes postgres://'],
    ['REDIS_URL', 'http://x', 'REDIS_URL takes redis://'],
    ['REDIS_URL', 'redis://cache:99999', 'REDIS_URL takes redis://'],
    ['REDIS_URL', 'redis://cache/main', 'REDIS_URL takes redis://'],
    ['REDIS_URL', 'redis://cache/-1', 'REDIS_URL takes redis://'],
    ['REDIS_URL', 'redis:///1', 'REDIS_URL takes redis://'],
    ['REDIS_URL', 'redis://:100%sure@cache', 'REDIS_URL takes redis://'],
    ['KEY_RATE_LIMIT', '0', 'KEY_RATE_LIMIT takes requests per second'],
    ['EGRESS_ALLOW', '10.0.0.0/33', 'EGRESS_ALLOW takes networks'],
    ['EGRESS_ALLOW', 'localhost', 'EGRESS_ALLOW takes networks'],
    ['EGRESS_ALLOW', '127.1', 'EGRESS_ALLOW takes networks'],
    ['EGRESS_ALLOW', '0x7f.0.0.1/8', 'EGRESS_ALLOW takes networks'],
    ['EGRESS_ALLOW', '10.0.0.0/8/8', 'EGRESS_ALLOW takes networks'],
    ['EGRESS_ALLOW', '10.0.0.0/', 'EGRESS_ALLOW takes networks'],
    ['SANDBOX', 'yes', 'SANDBOX takes on or off.'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL takes fatal'],
    ['BOOTSTRAP_API_KEY', 'lgk_short', 'BOOTSTRAP_API_KEY takes lgk_ followed by at least 43'],
    ['BOOTSTRAP_API_KEY', `key_${'a'.repeat(43)}`, 'BOOTSTRAP_API_KEY takes lgk_'],
    ['MASTER_KEY', '', 'MASTER_KEY is missing'],
    ['MASTER_KEY', 'not base64!', 'MASTER_KEY takes 32 random bytes in base64'],
    ['MASTER_KEY', randomBytes(16).toString('base64'), 'MASTER_KEY has 16 bytes'],
    ['MASTER_KEY_PREVIOUS', randomBytes(16).toString('base64'), 'MASTER_KEY_PREVIOUS has 16 bytes'],
    ['MASTER_KEY', Buffer.alloc(32).toString('base64'), 'MASTER_KEY is not random'],
    [
      'MASTER_KEY',
      Buffer.from('0123456789abcdef0123456789abcdef').toString('base64'),
      'MASTER_KEY is not random',
    ],
    [
      'MASTER_KEY',
      Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64'),
      'MASTER_KEY is not random',
    ],
  ])('refuse %s=%s with a sentence that names it and never its value', (name, value, sentence) => {
    const read = () => readSettings({ ...good, [name]: value });
    expect(read).toThrow(BadSettings);
    expect(read).toThrow(sentence);
    if (value.length > 8) expect(read).not.toThrow(value);
  });

  it.each(['redis://cache', 'rediss://user:p%25ss@cache:6380/15', 'redis://[::1]:6379/'])(
    'take %s',
    REDIS_URL => {
      expect(readSettings({ ...good, REDIS_URL })).toMatchObject({ redisUrl: REDIS_URL });
    },
  );

  it.each([
    'postgres://user@/name?host=/run/postgresql',
    'postgresql://%2Frun%2Fpostgresql/name',
    'postgres://a@b',
  ])('take %s', DATABASE_URL => {
    expect(readSettings({ ...good, DATABASE_URL })).toMatchObject({ databaseUrl: DATABASE_URL });
  });

  it('say how to create a master key', () => {
    expect(() => readSettings({ ...good, MASTER_KEY: '' })).toThrow('openssl rand -base64 32');
  });

  it('name every bad variable at once', () => {
    expect(() => readSettings({ ...good, PORT: 'x', SANDBOX: 'x' })).toThrow(/^PORT .*\nSANDBOX .*$/);
  });
});
