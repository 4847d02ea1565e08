import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import { memoryKeys } from './keys.js';
import type { KeyStore } from './keys.js';
import type { WriteResult } from './outcome.js';
import { Patience, usualRetry } from './patience.js';
import type { RetryTerms } from './patience.js';
import { ProblemError } from './problem-error.js';
import type {
  GatewayPaths,
  Hold,
  HoldCreate,
  HoldRelease,
  Operation,
  Problem,
  Purchase,
  PurchaseCreate,
  Refund,
  RefundCreate,
  WriteBody,
  WriteParams,
  WritePath,
  WriteResource,
} from './types.js';
import { repeatingFetch } from './wire.js';
import type { Wire } from './wire.js';
import { write } from './write.js';
import type { WriteOptions } from './write.js';

export type { WriteOptions } from './write.js';

/** How a client reaches its gateway, and how long it waits and retries. */
export interface LoyaltyClientOptions {
  /** The gateway's address: `http://127.0.0.1:3000`. */
  baseUrl: string;
  /** `lgk_…` */
  apiKey: string;
  /** The connection's id or slug; required unless the key has a default or the tenant has only one connection. */
  connection?: string;
  /** The language of `userMessage`; English by default. */
  language?: 'ru' | 'en';
  /** Replaces the platform's `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
  retry?: Partial<RetryTerms>;
  /** The time for one call including all its retries, in milliseconds; 20,000 by default. */
  waitMs?: number;
  /** The time that an answer may take on the network, in milliseconds; 5,000 by default. */
  timeoutMs?: number;
  /** Where keys are kept; in memory by default. `fileKeys` survive a crash. */
  keyStore?: KeyStore;
}

/** The input of a write: the ids in its path, its body and further options. */
export type WriteInit<Path extends WritePath> = WriteOptions &
  (WriteBody<Path> extends undefined ? { body?: undefined } : { body: WriteBody<Path> }) &
  (WriteParams<Path> extends undefined ? { params?: undefined } : { params: WriteParams<Path> });

/** A typed client. Writes return their outcome and never throw because of the gateway or the network. */
export interface LoyaltyClient {
  /** Every route of the OpenAPI document: `api.GET('/v1/program')`. Retries what is safe to retry. */
  api: Client<GatewayPaths, `${string}/${string}`>;
  /** Any write that needs an Idempotency-Key: `write('/v1/referral/links', { body })`. */
  write<Path extends WritePath>(path: Path, init: WriteInit<Path>): Promise<WriteResult<WriteResource<Path>>>;
  purchase(body: PurchaseCreate, options?: WriteOptions): Promise<WriteResult<Purchase>>;
  refund(purchaseId: string, body: RefundCreate, options?: WriteOptions): Promise<WriteResult<Refund>>;
  hold(body: HoldCreate, options?: WriteOptions): Promise<WriteResult<Hold>>;
  release(holdId: string, body?: HoldRelease, options?: WriteOptions): Promise<WriteResult<Hold>>;
  /** Waits until an operation is settled or the time is up, and returns its last known state. Throws `ProblemError`, or the network error if no answer came at all. */
  settled(operationId: string, options?: Pick<WriteOptions, 'waitMs' | 'signal'>): Promise<Operation>;
}

/** Opens a client. It holds no connection and needs no closing. */
export function createLoyaltyClient(options: LoyaltyClientOptions): LoyaltyClient {
  const wire = wireOf(options);
  const keys = options.keyStore ?? memoryKeys();
  const api = createClient<GatewayPaths>({
    baseUrl: wire.baseUrl,
    headers: wire.headers,
    fetch: repeatingFetch(wire),
  });
  const client: LoyaltyClient = {
    api,
    write: (path, { body, params, ...more }) =>
      write(wire, keys, { ...more, path, body, params: params as Record<string, string> | undefined }),
    purchase: (body, more) => client.write('/v1/purchases', { ...more, body }),
    refund: (id, body, more) => client.write('/v1/purchases/{id}/refunds', { ...more, params: { id }, body }),
    hold: (body, more) => client.write('/v1/holds', { ...more, body }),
    release: (id, body = {}, more) =>
      client.write('/v1/holds/{id}/release', { ...more, params: { id }, body }),
    settled: (id, { waitMs = wire.waitMs, signal } = {}) =>
      settled(api, id, new Patience(wire.retry, waitMs, signal)),
  };
  return client;
}

function wireOf(options: LoyaltyClientOptions): Wire {
  const { apiKey, connection, language } = options;
  return {
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(connection !== undefined && { 'gateway-connection': connection }),
      ...(language !== undefined && { 'accept-language': language }),
    },
    fetch: options.fetch ?? (request => fetch(request)),
    retry: { ...usualRetry, ...options.retry },
    waitMs: options.waitMs ?? 20_000,
    timeoutMs: options.timeoutMs ?? 5_000,
  };
}

const SETTLED = new Set<Operation['state']>([
  'succeeded',
  'rejected',
  'cancelled',
  'expired',
  'needs-review',
]);
const POLLS_MS = [100, 200, 400, 800];

async function settled(api: LoyaltyClient['api'], id: string, patience: Patience): Promise<Operation> {
  let seen: Operation | undefined;
  for (let poll = 0; ; poll++) {
    try {
      seen = await lookedAt(api, id, patience);
    } catch (error) {
      if (!seen || error instanceof ProblemError) throw error;
    }
    if (SETTLED.has(seen.state) || !(await patience.rest(POLLS_MS[poll] ?? 1_000))) return seen;
  }
}

async function lookedAt(api: LoyaltyClient['api'], id: string, patience: Patience): Promise<Operation> {
  const { signal } = patience;
  const { data, error, response } = await api.GET('/v1/operations/{id}', {
    params: { path: { id } },
    signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(Math.ceil(patience.lookMs))]),
  });
  if (data) return data;
  if (typeof error === 'object' && error !== null && 'code' in error)
    throw new ProblemError(error as Problem);
  throw new Error(`HTTP ${response.status} is not an answer of the gateway.`);
}
