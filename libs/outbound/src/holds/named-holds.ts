import { Refusal } from '#canonical';
import type { HeldPoints, ProviderRefs, PurchaseAsk } from '#canonical';
import type { StoredHold, StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import { doubtHolds, disturbHolds, holdsAround } from './doubtful-holds.js';
import type { Disturbance } from './doubtful-holds.js';
import { emitHoldEvent } from './holds.js';
import { isAnothersHold } from './hold-owner.js';

/** A purchase that stands, with what was asked of the provider. */
type Settled = Disturbance & { operation: Pick<StoredOperation, 'ask'> };

/** Ties holds to the purchase that names them, or to their release: their points are for this one alone. Throws `state-conflict` when another has one. */
export async function bindHolds(
  core: Core,
  tx: Tx,
  ids: readonly string[],
  operationId: string,
): Promise<void> {
  if (ids.length === 0) return;
  const bound = await core.stores.holds.bind(tx, ids, operationId);
  const taken = ids.find(id => !bound.includes(id));
  if (taken)
    throw new Refusal('state-conflict', {
      detail: `The hold ${taken} belongs to a purchase or a release that is under way.`,
    });
}

/** A purchase stands: the holds that it named are used up, also those whose time ended while it was on its way. */
export async function consumeHolds({ core, tx, operation }: Settled): Promise<void> {
  const { purchase, holds } = await named({ core, tx, operation });
  if (holds.length === 0) return;
  const { holds: told } = core.vault.open<PurchaseAsk>('operation', operation.id, operation.ask!);
  for (const hold of holds) {
    if (!(await isUsedUp(core, tx, { hold, told, customerId: purchase!.customerId }))) {
      await core.stores.holds.unbind(tx, hold.id);
      continue;
    }
    const by = { purchaseId: purchase!.id, operationId: operation.id, now: core.now() };
    if (await core.stores.holds.consume(tx, hold.id, by)) await emitHoldEvent(core, tx, hold, 'consumed');
  }
}

/** Of the provider's holds those that it was told of: another may still keep its points. Of the gateway's own those of the buyer: the sale may have been somebody else's. */
async function isUsedUp(
  core: Core,
  tx: Tx,
  { hold, told, customerId }: { hold: StoredHold; told: readonly HeldPoints[]; customerId: string | null },
): Promise<boolean> {
  if (hold.guarantee === 'advisory') return !(await isAnothersHold(core, tx, hold, customerId));
  return told.some(({ refs }) => isSame(refs, hold.providerRefs));
}

// No number at all, of a hold whose answer was lost, is the number of none.
const isSame = (told: ProviderRefs, own: ProviderRefs): boolean =>
  Object.keys(told).length > 0 && Object.entries(told).every(([name, value]) => own[name] === value);

/** A purchase was sent and its answer is lost: whether it used up its holds, or dropped others, is not known. */
export async function doubtNamedHolds(at: Disturbance): Promise<void> {
  const { purchase } = await named(at);
  const around = await holdsAround(at);
  await doubtHolds(at, purchase?.holdIds ?? []);
  await disturbHolds(at, around);
}

async function named({ core, tx, operation }: Disturbance) {
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  if (!purchase) return { purchase, holds: [] };
  const { tenantId, connectionId, holdIds } = purchase;
  return { purchase, holds: await core.stores.holds.findAll(tx, tenantId, connectionId, holdIds) };
}
