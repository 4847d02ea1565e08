import 'reflect-metadata';
import { Transform, plainToInstance } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min, ValidateBy, validateSync } from 'class-validator';
import type { ValidationOptions } from 'class-validator';
import { keyPattern } from './auth/key-hash.js';
import {
  callableHost,
  isCidr,
  isPostgresUrl,
  isRedisUrl,
  masterKeyFault,
  withPort,
} from './settings-rules.js';

/** A setting is missing or cannot be used; the message names the variable and what it takes, one sentence a line. */
export class BadSettings extends Error {}

const takes = (what: string): ValidationOptions => ({ message: `$property takes ${what}.` });
// `Number` would also accept 0x10 and 1e3.
const number = Transform(({ value }: { value: unknown }) =>
  /^\d+$/.test(String(value)) ? Number(value) : NaN,
);
const list = Transform(({ value }: { value: unknown }) =>
  String(value)
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== ''),
);

const port = takes('a port: a number from 1 to 65535');
const rate = takes('requests per second and key: a number from 1 to 100000');

const IsMasterKey = (): PropertyDecorator =>
  ValidateBy({
    name: 'masterKey',
    validator: {
      validate: value => masterKeyFault(value) === undefined,
      defaultMessage: args => masterKeyFault(args?.value, args?.property) ?? '',
    },
  });

const IsPostgresUrl = (): PropertyDecorator =>
  ValidateBy(
    { name: 'postgresUrl', validator: { validate: isPostgresUrl } },
    {
      message:
        '$property takes postgres://user:password@host:5432/name, with %25, %2F and %23 for a %, / and # in the password; if it is not set, `npm start` runs its own PostgreSQL.',
    },
  );

const IsRedisUrl = (): PropertyDecorator =>
  ValidateBy(
    { name: 'redisUrl', validator: { validate: isRedisUrl } },
    takes(
      'redis://user:password@host:6379/0 (or rediss://), with %25, %2F and %23 for a %, / and # in the password',
    ),
  );

const AreCidrs = (): PropertyDecorator =>
  ValidateBy(
    { name: 'cidrs', validator: { validate: value => (value as string[]).every(isCidr) } },
    takes('networks separated by commas, like 127.0.0.0/8,10.1.0.0/16'),
  );

/** The variables as they are set. Absent and empty mean the same. */
class Environment {
  @number @IsInt(port) @Min(1, port) @Max(65_535, port) PORT = 3000;
  @Matches(/^[\w.:-]+$/, takes('a host name or an address to listen on')) HOST = '0.0.0.0';
  @IsPostgresUrl()
  DATABASE_URL!: string;
  @IsOptional() @IsRedisUrl() REDIS_URL?: string;
  @IsOptional() @number @IsInt(port) @Min(1, port) @Max(65_535, port) WORKER_PORT?: number;
  @IsMasterKey() MASTER_KEY!: string;
  @IsOptional() @IsMasterKey() MASTER_KEY_PREVIOUS?: string;
  @Matches(/^[^\0]+$/, takes('a directory')) DATA_DIR = '.data';
  @IsOptional()
  @Matches(keyPattern, takes('lgk_ followed by at least 43 visible ASCII characters'))
  BOOTSTRAP_API_KEY?: string;
  @number @IsInt(rate) @Min(1, rate) @Max(100_000, rate) KEY_RATE_LIMIT = 200;
  @list @AreCidrs() EGRESS_ALLOW: string[] = [];
  @IsIn(['on', 'off'], takes('on or off')) SANDBOX = 'off';
  @number @IsInt(port) @Min(1, port) @Max(65_535, port) SANDBOX_PORT = 3001;
  @IsIn(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    takes('fatal, error, warn, info, debug, trace or silent'),
  )
  LOG_LEVEL = 'info';
}

const names = Object.keys({
  PORT: 0,
  HOST: 0,
  DATABASE_URL: 0,
  REDIS_URL: 0,
  WORKER_PORT: 0,
  MASTER_KEY: 0,
  MASTER_KEY_PREVIOUS: 0,
  DATA_DIR: 0,
  BOOTSTRAP_API_KEY: 0,
  KEY_RATE_LIMIT: 0,
  EGRESS_ALLOW: 0,
  SANDBOX: 0,
  SANDBOX_PORT: 0,
  LOG_LEVEL: 0,
} satisfies Record<keyof Environment, 0>);

/** The settings of a gateway process, read at its start. */
export interface Settings {
  port: number;
  host: string;
  /** Where a worker tells how it is; absent = nowhere. */
  workerPort?: number;
  databaseUrl: string;
  /** Absent: lanes and queues live in Postgres. */
  redisUrl?: string;
  masterKey: Buffer;
  /** What `masterKey` replaces. */
  previousMasterKey?: Buffer;
  dataDir: string;
  bootstrapKey?: string;
  /** Requests per second and key. */
  keyRateLimit: number;
  /** Networks, and the sandbox's own address, that the egress guard lets through. */
  egressAllow: string[];
  /** Where the sandbox is; absent when there is none. */
  sandbox?: { host: string; port: number };
  logLevel: string;
}

/** Reads all settings at once; throws `BadSettings` with a sentence for each that is missing or wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = names.filter(name => env[name]).map(name => [name, env[name]!.trim()]);
  const read = plainToInstance(Environment, Object.fromEntries(given), { exposeDefaultValues: true });
  const faults = validateSync(read).map(({ constraints }) => Object.values(constraints ?? {})[0]);
  if (faults.length > 0) throw new BadSettings(faults.join('\n'));
  const sandbox =
    read.SANDBOX === 'on' ? { host: callableHost(read.HOST), port: read.SANDBOX_PORT } : undefined;
  return {
    port: read.PORT,
    host: read.HOST,
    workerPort: read.WORKER_PORT,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    masterKey: Buffer.from(read.MASTER_KEY, 'base64'),
    previousMasterKey: read.MASTER_KEY_PREVIOUS ? Buffer.from(read.MASTER_KEY_PREVIOUS, 'base64') : undefined,
    dataDir: read.DATA_DIR,
    bootstrapKey: read.BOOTSTRAP_API_KEY,
    keyRateLimit: read.KEY_RATE_LIMIT,
    egressAllow: [...read.EGRESS_ALLOW, ...(sandbox ? [withPort(sandbox.host, sandbox.port)] : [])],
    sandbox,
    logLevel: read.LOG_LEVEL,
  };
}
