import { Refusal } from '#canonical';
import type { Scope } from '#canonical';
import { LRUCache } from 'lru-cache';
import type { OpenCore } from '../core.js';
import { Attempts } from './attempts.js';
import type { Caller } from './caller.js';
import { hashOf, keyPattern, prefixOf } from './key-hash.js';

type Known = Caller & { expiresAt: Date | null; revokedAt: Date | null };

/** A key that was once valid: its earlier requests are still stored for its tenant. */
export class KeyEnded extends Refusal {
  constructor(readonly tenantId: string) {
    super('unauthenticated');
  }
}

const placesOf = (address: string, key?: string): string[] =>
  key === undefined ? [`address ${address}`] : [`address ${address}`, `key ${prefixOf(key)}`];

/** How long a key that was revoked in another process may still work, in milliseconds. */
const FRESH_MS = 5_000;
const MOST_KEYS = 10_000;

/** Authenticates callers. A key is looked up once in five seconds, so that a request costs no query. */
export class KeyRing {
  readonly #attempts = new Attempts();
  /** Keys that were good within the hour: they do not wait behind the guesses of a neighbour at the same address. */
  readonly #trusted = new LRUCache<string, true>({ max: MOST_KEYS, ttl: 3_600_000 });
  readonly #fresh = new LRUCache<string, Promise<Known | undefined>>({ max: MOST_KEYS, ttl: FRESH_MS });

  constructor(readonly open: Pick<OpenCore, 'core' | 'tenants'>) {}

  /** The last look for a key from where too many were wrong. */
  #turn: Promise<unknown> = Promise.resolve();

  /** The caller behind a key; throws 401 for one that is not (or no longer) valid and 429 for whoever guesses. A right key always passes: whoever knows how it begins could else lock its owner out. */
  async identify(key: string | undefined, address: string): Promise<Caller> {
    if (key === undefined || !keyPattern.test(key)) return this.#refuse(address);
    const hash = hashOf(key).toString('hex');
    const guessed = !this.#trusted.has(hash) && this.#attempts.many(...placesOf(address, key));
    const known = await (guessed ? this.#inTurn(() => this.#look(hash)) : this.#look(hash));
    if (!known || known.revokedAt || (known.expiresAt && known.expiresAt <= this.open.core.now())) {
      this.#trusted.delete(hash);
      return this.#refuse(address, key, known?.tenantId);
    }
    this.#trusted.set(hash, true);
    return known;
  }

  /** Forgets all keys at once, after one was revoked. */
  forget(): void {
    this.#fresh.clear();
  }

  #refuse(address: string, key?: string, tenantId?: string): never {
    const places = placesOf(address, key);
    this.#attempts.assertFew(...places);
    // No key at all is a mistake and no guess.
    if (key !== undefined) this.#attempts.failed(...places);
    throw tenantId === undefined ? new Refusal('unauthenticated') : new KeyEnded(tenantId);
  }

  /** Guesses are looked at one after the other: a flood of them takes one connection to Postgres, not all. */
  #inTurn<T>(look: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(look, look);
    this.#turn = turn;
    return turn;
  }

  // Not lru-cache's own `fetch`: it fails every look under way when the cache is cleared or full.
  #look(hash: string): Promise<Known | undefined> {
    const fresh = this.#fresh.get(hash);
    if (fresh) return fresh;
    const look = this.#load(hash);
    this.#fresh.set(hash, look);
    const drop = () => {
      if (this.#fresh.peek(hash) === look) this.#fresh.delete(hash);
    };
    // A key that was not found may be created a moment later.
    look.then(known => known ?? drop(), drop);
    return look;
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
      core.log('warn', 'the last use of a key could not be noted', { error: String(error) }),
    );
  }
}
