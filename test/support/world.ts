import { randomBytes, randomUUID } from 'node:crypto';
import type { SimulatorFactory } from '#adapter-kit/testing';
import { registry } from '#adapters';
import { newId } from '#canonical';
import { connectionById, createCore, execute, submit } from '#outbound';
import type { CoreSettings, Kind, OpenConnection, OpenCore, WriteAnswer } from '#outbound';
import { startSandbox } from '../../apps/sandbox/src/sandbox.js';
import type { Sandbox, SandboxOptions } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase } from './database.js';
import type { TestDatabase } from './database.js';
import { redisUrl } from './redis.js';

/** A line of the sandbox's journal. */
export interface JournalLine {
  method: string;
  path: string;
  status: number;
  body?: string;
  effect?: { type: string; key?: string; id?: string; data?: Record<string, unknown> };
}

/** The gateway's core over a real database, lane store, queues and the sandbox. */
export interface World extends OpenCore {
  sandbox: Sandbox;
  tenantId: string;
  settings: CoreSettings;
  /** Creates a connection with demo credentials to a sandbox provider. */
  connect(provider: string, settings?: Record<string, unknown>): Promise<OpenConnection>;
  /** Reads the current connection. */
  reopen(connection: OpenConnection): Promise<OpenConnection>;
  /** Calls the sandbox's control API. */
  control(path: string, body?: unknown): Promise<any>;
  /** The effects at a provider. */
  effects(provider: string): Promise<NonNullable<JournalLine['effect']>[]>;
  journal(provider: string): Promise<JournalLine[]>;
  /** A write, as REST passes it to the core; a new key unless given, and a long wait. */
  write(
    kind: Kind,
    connection: OpenConnection,
    asked: { body: unknown; params?: Record<string, string>; key?: string; waitMs?: number },
  ): Promise<WriteAnswer>;
  /** A write that a test stands on: its resource. Throws unless it succeeds. */
  done(
    kind: Kind,
    connection: OpenConnection,
    asked: { body: unknown; params?: Record<string, string>; key?: string },
  ): Promise<any>;
  /** A write whose attempt in this process has ended, however slow the machine is: a lost answer is `unknown` then. Answers 202. */
  attempt(
    kind: Kind,
    connection: OpenConnection,
    asked: { body: unknown; params?: Record<string, string>; key?: string },
  ): Promise<WriteAnswer>;
  close(): Promise<void>;
}

/** What is expected to end is waited for as long as a till can, however busy the machine is. */
const LONG_MS = 25_000;

/** Starts a world for one test file; `store` selects the lane and queue store. */
export async function startWorld(
  choice: {
    store?: 'redis' | 'postgres';
    sandbox?: SandboxOptions;
    now?: () => Date;
    /** Off by default: specs reconcile by hand unless they set it. */
    glanceAfterMs?: number;
    /** Servers that a spec may stop, instead of the run's shared ones. */
    own?: { redisUrl?: string; database?: TestDatabase };
  } = {},
): Promise<World> {
  const database = choice.own?.database ?? (await createTestDatabase());
  const sandbox = await startSandbox(choice.sandbox);
  const settings: CoreSettings = {
    databaseUrl: database.url,
    ...(choice.store === 'postgres' ? {} : { redisUrl: choice.own?.redisUrl ?? (await redisUrl()) }),
    masterKey: randomBytes(32),
    egressAllow: ['127.0.0.0/8'],
    prefix: `t${randomUUID().slice(0, 8)}:`,
    laneTimeoutMs: 20_000,
    glanceAfterMs: choice.glanceAfterMs ?? Infinity,
    log: () => undefined,
    ...(choice.now ? { now: choice.now } : {}),
  };
  const open = await createCore(settings);
  const { core } = open;
  const tenant = await open.tenants.ensure(core.database.direct, 'test', 'Test');
  const control = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const request = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(`${sandbox.controlUrl}/__sim/${path}`, request);
    return (await answer.json()) as any;
  };
  const journal = async (provider: string): Promise<JournalLine[]> => {
    const said = await control(`journal?provider=${provider}`);
    return said.data;
  };
  const write: World['write'] = (kind, connection, asked) => {
    const { body, params = {}, key = randomUUID(), waitMs = LONG_MS } = asked;
    return submit(core, { kind, connection, body, params, idempotencyKey: key, waitMs });
  };
  return {
    ...open,
    sandbox,
    settings,
    tenantId: tenant.id,
    control,
    journal,
    effects: async provider => (await journal(provider)).flatMap(line => (line.effect ? [line.effect] : [])),
    connect: (provider, own) => connect(open, { provider, tenantId: tenant.id, sandbox, own }),
    reopen: connection => connectionById(core, core.database.direct, connection.id),
    write,
    done: async (kind, connection, asked) => {
      const { status, body } = await write(kind, connection, asked);
      if (status === 200 || status === 201) return body;
      throw new Error(`set-up failed: ${kind.operation}: ${status} ${JSON.stringify(body)}`);
    },
    attempt: async (kind, connection, asked) => {
      const answer = await write(kind, connection, { ...asked, waitMs: 0 });
      await execute(core, answer.operationId!, { laneBudgetMs: 20_000 });
      return answer;
    },
    close: async () => {
      await core.background.drain(10_000);
      await open.close();
      await sandbox.close();
      await database.drop();
    },
  };
}

async function connect(
  open: OpenCore,
  how: { provider: string; tenantId: string; sandbox: Sandbox; own?: Record<string, unknown> },
): Promise<OpenConnection> {
  const { core } = open;
  const { demo }: SimulatorFactory = await registry[how.provider]!.simulator();
  const id = newId('con');
  const owner = `${how.tenantId}/${id}`;
  const dataKey = core.vault.newDataKey(owner);
  await core.stores.connections.insert(core.database.direct, {
    id,
    tenantId: how.tenantId,
    provider: how.provider,
    slug: `${how.provider}-${id.slice(-8)}`,
    name: null,
    baseUrl: how.sandbox.baseUrl(how.provider),
    // In the sandbox each connection of a test is an account of its own.
    ownSite: false,
    settings: { ...demo.settings, ...how.own },
    credentials: core.vault.sealWith(dataKey, owner, demo.credentials),
    dataKey,
    lane: core.vault.fingerprint('lane', id),
    requestsPerSecond: null,
    state: 'callable',
    stateReason: null,
    lastCheck: null,
    pausedBy: null,
  });
  return connectionById(core, core.database.direct, id);
}
