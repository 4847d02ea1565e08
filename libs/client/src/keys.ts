/** The key of an intent. */
export interface KeptKey {
  key: string;
  /** False when the intent had a key before: an earlier try may have been sent under it. */
  fresh: boolean;
}

/**
 * Where Idempotency-Keys stay from the first try of an intent until its outcome is known. A store that outlives the
 * process lets a repeat after a crash join the write that was under way instead of making a second one.
 */
export interface KeyStore {
  /** The intent's key; `fresh` becomes it, atomically, when it has none. */
  keep(intent: string, fresh: string): Promise<KeptKey>;
  /** Lets go of the intent's key; another key of the intent stays. */
  forget(intent: string, key: string): Promise<void>;
}

/** Keys in this process's memory, the newest `most` of them: good against lost answers, not against a crash. */
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

/** What makes two calls the same intent. */
export interface IntentParts {
  baseUrl: string;
  path: string;
  params: unknown;
  connection: string | undefined;
  /** The caller's name for the intent, or else all of the body. */
  content: unknown;
}

/** The name of an intent: 64 hexadecimal digits that tell nothing of a customer. */
export async function nameOfIntent(parts: IntentParts): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(sorted(parts)));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, byte => byte.toString(16).padStart(2, '0')).join('');
}

// The order in which a program fills an object is no part of what it means.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]),
  );
}
