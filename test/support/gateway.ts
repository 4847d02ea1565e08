import { newId, scopes } from '#canonical';
import type { Scope } from '#canonical';
import { pino } from 'pino';
import { hashOf, newKey, prefixOf } from '../../apps/gateway/src/auth/key-hash.js';
import { createGateway } from '../../apps/gateway/src/gateway.js';
import type { Settings } from '../../apps/gateway/src/settings.js';
import type { World } from './world.js';

/** One request and its answer. */
export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** A key other than the default with all scopes; null = none. */
  key?: string | null;
}

export interface Told {
  status: number;
  headers: Record<string, string | undefined>;
  body: any;
}

/** Permissions of a key; every scope of the world's tenant by default. */
interface KeyParts {
  tenantId?: string;
  scopes?: Scope[];
  defaultConnectionId?: string;
  expiresAt?: Date;
}

/** The gateway over a world, called as over the network. */
export interface TestGateway {
  /** A key with every scope, including the platform's. */
  key: string;
  ask(ask: Ask): Promise<Told>;
  /** Makes another key. */
  makeKey(parts: KeyParts): Promise<string>;
  /** Listens on a free port, for tests that need a socket. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

/** Starts the gateway over a world; settings can be overridden. */
export async function startGateway(world: World, changed: Partial<Settings> = {}): Promise<TestGateway> {
  const settings: Settings = {
    ...world.settings,
    egressAllow: [...world.settings.egressAllow],
    port: 0,
    host: '127.0.0.1',
    dataDir: '/nowhere',
    keyRateLimit: 100_000,
    logLevel: 'silent',
    ...changed,
  };
  const { app } = await createGateway({ settings, open: world, logger: pino({ level: 'silent' }) });
  await app.init();
  const instance = app.getHttpAdapter().getInstance();
  await instance.ready();
  const makeKey: TestGateway['makeKey'] = parts => insertKey(world, parts);
  const own = await makeKey({});
  return {
    key: own,
    makeKey,
    ask: async ({ method = 'GET', path, body, headers, key = own }) => {
      const answer = await app.inject({
        method,
        url: path,
        headers: {
          ...(key && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const isJson = /json/.test(String(answer.headers['content-type'] ?? ''));
      return {
        status: answer.statusCode,
        headers: answer.headers as Told['headers'],
        body: isJson && answer.body !== '' ? JSON.parse(answer.body) : answer.body,
      };
    },
    listen: async () => {
      await app.listen(0, '127.0.0.1');
      return app.getUrl();
    },
    close: () => app.close(),
  };
}

/** Inserts a new key into a world's database. */
export async function insertKey(world: World, parts: KeyParts = {}): Promise<string> {
  const key = newKey();
  await world.tenants.insertKey(world.core.database.direct, {
    id: newId('key'),
    tenantId: parts.tenantId ?? world.tenantId,
    name: 'test',
    hash: hashOf(key),
    prefix: prefixOf(key),
    scopes: parts.scopes ?? [...scopes],
    defaultConnectionId: parts.defaultConnectionId ?? null,
    expiresAt: parts.expiresAt ?? null,
  });
  return key;
}
