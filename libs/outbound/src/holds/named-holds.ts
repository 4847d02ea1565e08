import { Refusal } from '#canonical';
import type { StoredHold, Tx } from '#persistence';
import type { Core } from '../core/core.js';
import { doubtHolds, disturbHolds, holdsAround, clearDoubts } from './doubtful-holds.js';
import type { Disturbance } from './doubtful-holds.js';
import { emitHoldEvent } from './holds.js';
import { isAnothersHold } from './hold-owner.js';

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
export async function consumeHolds({ core, tx, operation }: Disturbance): Promise<void> {
  const { purchase, holds } = await named({ core, tx, operation });
  for (const hold of holds.filter(isKnown)) {
    // What the gateway alone keeps stays its customer's: the sale was somebody else's.
    if (hold.guarantee === 'advisory' && (await isAnothersHold(core, tx, hold, purchase!.customerId))) {
      await core.stores.holds.unbind(tx, hold.id);
      continue;
    }
    const by = { purchaseId: purchase!.id, operationId: operation.id, now: core.now() };
    if (await core.stores.holds.consume(tx, hold.id, by)) await emitHoldEvent(core, tx, hold, 'consumed');
  }
}

// One whose answer was lost has no number: the provider was not told of it, so that it may still keep its points.
const isKnown = ({ guarantee, providerRefs }: StoredHold): boolean =>
  guarantee === 'advisory' || Object.keys(providerRefs).length > 0;

/** A purchase was sent and its answer is lost: whether it used up its holds, or dropped others, is not known. */
export async function doubtNamedHolds(at: Disturbance): Promise<void> {
  const { purchase } = await named(at);
  const around = await holdsAround(at);
  await doubtHolds(at, purchase?.holdIds ?? []);
  await disturbHolds(at, around);
}

/** A purchase or a release did not happen: its holds are free again and reserve their points as before, until their time. */
export const freeHolds = (at: Disturbance): Promise<void> => clearDoubts(at);

async function named({ core, tx, operation }: Disturbance) {
  const purchase = await core.stores.purchases.byOperation(tx, operation.id);
  if (!purchase) return { purchase, holds: [] };
  const { tenantId, connectionId, holdIds } = purchase;
  return { purchase, holds: await core.stores.holds.findAll(tx, tenantId, connectionId, holdIds) };
}
