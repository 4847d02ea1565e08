import type { StoredKey, Tx } from '#persistence';
import type { Core } from '../core/core.js';

/** The answer to a write, as its idempotency key repeats it. */
export interface StoredAnswer {
  status: number;
  location?: string;
  /** `undefined` = the answer has no body. */
  body: unknown;
}

type KeyOfTenant = Pick<StoredKey, 'tenantId' | 'key'>;

const ownerOf = ({ tenantId, key }: KeyOfTenant): string => `${tenantId}/${key}`;

/** Keeps the first final answer of a key, sealed; a later one changes nothing. */
export async function keepAnswer(
  core: Core,
  tx: Tx,
  key: KeyOfTenant,
  { status, location, body }: StoredAnswer,
): Promise<void> {
  // Kept as null: an answer without a body has none when it is repeated, either.
  const sealed = core.vault.seal('idempotency', ownerOf(key), body ?? null);
  await core.stores.idempotency.answer(tx, key, { status, location, body: sealed });
}

/** The answer that a key repeats; `undefined` while there is none. */
export function storedAnswer(core: Core, known: StoredKey): StoredAnswer | undefined {
  const { status, location, body } = known;
  if (status === null || !body) return undefined;
  return {
    status,
    location: location ?? undefined,
    body: core.vault.open('idempotency', ownerOf(known), body) ?? undefined,
  };
}
