import { Refusal } from '#canonical';
import type { Scope } from '#canonical';
import { LRUCache } from 'lru-cache';
import type { OpenCore } from '../core.js';
import { Attempts } from './attempts.js';
import type { Caller } from './caller.js';
import { hashOf, keyPattern, prefixOf } from './key-hash.js';

type Known = Caller & { expiresAt: Date | null; revokedAt: Date | null };

/** Where failed attempts are counted. */
const sourcesOf = (address: string, key?: string): string[] =>
  key === undefined ? [`address ${address}`] : [`address ${address}`, `key ${prefixOf(key)}`];

/** How long a key is cached, and so how long one that was revoked in another process may still work, in milliseconds. */
const CACHE_MS = 5_000;
const MOST_KEYS = 10_000;

/** Authenticates callers. A key is cached for five seconds, so that most requests need no query. */
export class KeyRing {
  readonly #attempts = new Attempts();
  /** Keys that were valid within the last hour: they do not wait behind another client's guesses from the same address. */
  readonly #trusted = new LRUCache<string, true>({ max: MOST_KEYS, ttl: 3_600_000 });
  readonly #cache = new LRUCache<string, Promise<Known | undefined>>({ max: MOST_KEYS, ttl: CACHE_MS });

  /** The end of the queue of look-ups for sources with too many wrong keys. */
  #lastGuess: Promise<unknown> = Promise.resolve();

  constructor(readonly open: Pick<OpenCore, 'core' | 'tenants'>) {}

  /** The caller of a key; throws 401 for a key that is not (or no longer) valid, and 429 after too many wrong ones. A valid key always passes: otherwise anyone who knows its prefix could lock its owner out. */
  async identify(key: string | undefined, address: string): Promise<Caller> {
    if (key === undefined || !keyPattern.test(key)) return this.#refuse(address);
    const hash = hashOf(key).toString('hex');
    const suspicious = !this.#trusted.has(hash) && this.#attempts.many(...sourcesOf(address, key));
    const known = await (suspicious ? this.#inTurn(() => this.#lookUp(hash)) : this.#lookUp(hash));
    if (!known || known.revokedAt || (known.expiresAt && known.expiresAt <= this.open.core.now())) {
      this.#trusted.delete(hash);
      return this.#refuse(address, key);
    }
    this.#trusted.set(hash, true);
    return known;
  }

  /** Clears the cache after a key was revoked. */
  forget(): void {
    this.#cache.clear();
  }

  #refuse(address: string, key?: string): never {
    const sources = sourcesOf(address, key);
    this.#attempts.assertFew(...sources);
    // A missing key is a mistake, not a guess.
    if (key !== undefined) this.#attempts.failed(...sources);
    throw new Refusal('unauthenticated');
  }

  /** Guesses are looked up one after the other: a flood of them takes one connection to Postgres, not all. */
  #inTurn<T>(lookUp: () => Promise<T>): Promise<T> {
    this.#lastGuess = this.#lastGuess.then(lookUp, lookUp);
    return this.#lastGuess as Promise<T>;
  }

  // Not lru-cache's own `fetch`: it rejects every pending look-up when the cache is cleared or full.
  #lookUp(hash: string): Promise<Known | undefined> {
    const cached = this.#cache.get(hash);
    if (cached) return cached;
    const loading = this.#load(hash);
    this.#cache.set(hash, loading);
    const drop = () => {
      if (this.#cache.peek(hash) === loading) this.#cache.delete(hash);
    };
    // A key that was not found may be created a moment later.
    loading.then(known => known ?? drop(), drop);
    return loading;
  }

  async #load(hash: string): Promise<Known | undefined> {
    const { core, tenants } = this.open;
    const row = await tenants.keyByHash(core.database.direct, Buffer.from(hash, 'hex'));
    if (!row) return undefined;
    if (!row.revokedAt) this.#noteUse(row.id);
    return {
      tenantId: row.tenantId,
      keyId: row.id,
      keyName: row.name,
      scopes: row.scopes as Scope[],
      defaultConnectionId: row.defaultConnectionId,
      expiresAt: row.expiresAt,
      revokedAt: row.revokedAt,
    };
  }

  #noteUse(id: string): void {
    const { core, tenants } = this.open;
    core.background.run(tenants.touchKey(core.database.direct, id), error =>
      core.log('warn', 'the last use of a key could not be stored', { error: String(error) }),
    );
  }
}
