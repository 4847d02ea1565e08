import type { ProviderRefs } from '#canonical';
import type { OpenConnection } from '#outbound';
import { isUniqueViolation } from '#persistence';
import type { StoredPurchase } from '#persistence';
import type { Core } from '../core.js';

const MOST_TRIES = 20;
/** The largest integer of old programs: Delphi's `Integer`, 1C, a `double`. */
const MOST = 2 ** 31 - 1;

/** A decimal text as a JSON number of v1; 0 if unknown, since typed programs fail on null. */
export const numberOf = (decimal: string | undefined): number => Number(decimal ?? 0);

/** A provider's number as a JSON number, if it fits. */
export function wholeOf(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The customer's number at the provider: UDS's `participantId`, else any numeric reference. */
export const personNumber = (refs: ProviderRefs): number | undefined =>
  [refs['participantId'], ...Object.values(refs)].map(wholeOf).find(value => value !== undefined);

/** The company's number: that of the UDS account, else a constant one of ours. */
export const companyNumber = (core: Core, { id, credentials }: OpenConnection): number =>
  wholeOf(credentials['companyId']) ?? smallNumber(core, id);

/** The number of a purchase that the till prints and reverts by: the provider's, else an alias stored with the purchase. */
export async function purchaseNumber(core: Core, purchase: StoredPurchase): Promise<number> {
  return (
    wholeOf(purchase.providerOperationId ?? undefined) ??
    wholeOf(purchase.v1Alias ?? undefined) ??
    alias(core, purchase)
  );
}

// The first free number is taken, so that two concurrent requests get the same.
async function alias(core: Core, { id, connectionId }: StoredPurchase): Promise<number> {
  const { database, stores } = core;
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const number = String(smallNumber(core, `${id} ${attempt}`));
    const holder = await stores.purchases.byNumber(database.direct, connectionId, number);
    if (holder && holder.id !== id) continue;
    try {
      return Number(await stores.purchases.alias(database.direct, id, number));
    } catch (error) {
      // Another request took it in between.
      if (!isUniqueViolation(error)) throw error;
    }
  }
  throw new Error(`${MOST_TRIES} numbers for the purchase ${id} were taken.`);
}

const smallNumber = (core: Core, text: string): number =>
  (Number.parseInt(core.vault.fingerprint('v1-number', text).slice(0, 12), 16) % MOST) + 1;
