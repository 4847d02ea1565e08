import type { StoredHold } from '#persistence';
import { sealedConnectionOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { holdTraits } from './doubtful-holds.js';
import { emitHoldEvent, isLive } from './holds.js';

/** A hold as it stands now. Past its time it is expired, and whoever finds that out writes it down; while a request is under way that may end it, it is shown as doubtful. */
export async function currentHold(core: Core, hold: StoredHold): Promise<StoredHold> {
  const now = core.now();
  if (!isLive(hold)) return hold;
  if (hold.expiresAt > now) return (await isBeingEnded(core, hold)) ? { ...hold, state: 'doubtful' } : hold;
  return core.database.transaction(async tx => {
    if (await core.stores.holds.expireOne(tx, hold.id, now)) await emitHoldEvent(core, tx, hold, 'expired');
    return (await core.stores.holds.find(tx, hold.tenantId, hold.id))!;
  });
}

// The doubt itself is stored when that request is answered, or its answer is lost: a write before it would cost every sale a round trip.
async function isBeingEnded(core: Core, hold: StoredHold): Promise<boolean> {
  if (hold.state !== 'active' || hold.guarantee !== 'provider') return false;
  const connection = await sealedConnectionOf(core, hold);
  const endedByOthers = connection !== undefined && holdTraits(connection)?.endedBy !== undefined;
  return core.stores.doubts.isBeingEnded(core.database.direct, hold, endedByOthers);
}
