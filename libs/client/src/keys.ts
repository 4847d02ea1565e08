/** The key of an intent. */
export interface KeptKey {
  key: string;
  /** False if the intent already had a key: an earlier attempt may have been sent with it. */
  fresh: boolean;
}

/**
 * Keeps Idempotency-Keys from the first attempt of an intent until its outcome is known. With a store that survives the
 * process, a retry after a crash joins the write in progress instead of making a second one.
 */
export interface KeyStore {
  /** Returns the intent's key; if it has none, `fresh` becomes its key, atomically. */
  keep(intent: string, fresh: string): Promise<KeptKey>;
  /** Releases this key of the intent; any other key of the intent stays. */
  forget(intent: string, key: string): Promise<void>;
}

/** Keeps the newest `most` keys in memory: protects against lost answers, but not against a crash. */
export function memoryKeys(most = 10_000): KeyStore {
  const kept = new Map<string, string>();
  return {
    keep: async (intent, fresh) => {
      const known = kept.get(intent);
      if (known !== undefined) return { key: known, fresh: false };
      kept.set(intent, fresh);
      if (kept.size > most) kept.delete(kept.keys().next().value!);
      return { key: fresh, fresh: true };
    },
    forget: async (intent, key) => {
      if (kept.get(intent) === key) kept.delete(intent);
    },
  };
}

/** What makes two calls the same intent. The gateway's address does not: it may change while an outcome is unknown. */
export interface IntentParts {
  path: string;
  params: unknown;
  connection: string | undefined;
  /** The caller's name for the intent, or else the whole body. */
  content: unknown;
}

const CREATED = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The intent's key, whose form is checked. Throws if storage has damaged it: as another key, it would do the write a second time. */
export async function keyOf(store: KeyStore, intent: string): Promise<KeptKey> {
  const kept = await store.keep(intent, crypto.randomUUID());
  if (CREATED.test(kept.key)) return kept;
  throw new Error(
    `The kept key of the intent ${intent} is damaged: ${JSON.stringify(kept.key)}. Find out whether the gateway has done it, and only then remove the key.`,
  );
}

/** The name of an intent: 64 hexadecimal digits that reveal nothing about a customer. */
export async function nameOfIntent(parts: IntentParts): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(sorted(parts)));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join('');
}

// The order of an object's properties does not change its meaning.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]),
  );
}
