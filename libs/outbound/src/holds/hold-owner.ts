import { fieldRefusal } from '#canonical';
import type { HeldPoints, ProviderRefs } from '#canonical';
import type { StoredHold, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';

/** Holds, and whose sale names them; without a customer, or without a hold's own, nothing is said. */
interface Claimed {
  holds: readonly StoredHold[];
  customerId?: string;
  /** The request's list, for the pointer of a refusal. */
  named?: readonly string[];
}

/** Refuses a hold that is certainly another customer's: their points are promised to them. Throws `validation-failed`. */
export async function assertOwnHolds(
  core: Core,
  tx: Tx,
  { holds, customerId, named = [] }: Claimed,
): Promise<void> {
  for (const hold of holds) {
    if (!(await isAnothersHold(core, tx, hold, customerId))) continue;
    const detail = `The hold ${hold.id} reserves points of another customer (${hold.customerId}); name only holds of ${customerId}, or none.`;
    throw fieldRefusal(`/holdIds/${named.indexOf(hold.id)}`, detail);
  }
}

/** Whether a hold is certainly another customer's. Two ids of ours may be one person met twice: only a reference of one kind with two values tells them apart. */
export async function isAnothersHold(
  core: Core,
  tx: Tx,
  { tenantId, customerId: holder }: StoredHold,
  customerId: string | null | undefined,
): Promise<boolean> {
  if (!holder || !customerId || holder === customerId) return false;
  const { customers } = core.stores;
  const [one, other] = [
    await customers.find(tx, tenantId, holder),
    await customers.find(tx, tenantId, customerId),
  ];
  return Object.entries(one?.refs ?? {}).some(([name, value]) => (other?.refs[name] ?? value) !== value);
}

/** Whose each hold is, in the provider's words, as far as that is known: for adapters that find out only later who buys. */
export async function holdersOf(
  core: Core,
  tx: Tx,
  { tenantId }: Pick<OpenConnection, 'tenantId'>,
  holds: readonly StoredHold[],
): Promise<Map<string, ProviderRefs>> {
  const holders = new Map<string, ProviderRefs>();
  for (const { id, customerId } of holds) {
    const customer = customerId && (await core.stores.customers.find(tx, tenantId, customerId));
    if (customer) holders.set(id, customer.refs);
  }
  return holders;
}

/** Holds that a purchase or quote names, as the adapter is told them. */
export const heldPoints = (
  holds: readonly StoredHold[],
  holders?: ReadonlyMap<string, ProviderRefs>,
): HeldPoints[] =>
  holds
    .filter(hold => hold.guarantee === 'provider')
    .map(({ id, providerRefs, points }) => {
      const holder = holders?.get(id);
      return { refs: providerRefs, points, ...(holder && { holder }) };
    });
