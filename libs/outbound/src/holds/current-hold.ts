import type { StoredHold } from '#persistence';
import { sealedConnectionOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { holdTraits } from './doubtful-holds.js';
import { emitHoldEvent, isLive } from './holds.js';

/** A hold as it truly stands now: past its time it is expired, and whoever finds that out writes it; it is doubtful while a request is on its way that may end it. */
export async function currentHold(core: Core, hold: StoredHold): Promise<StoredHold> {
  const now = core.now();
  if (!isLive(hold)) return hold;
  if (hold.expiresAt > now) return (await isBeingEnded(core, hold)) ? { ...hold, state: 'doubtful' } : hold;
  return core.database.transaction(async tx => {
    if (await core.stores.holds.expireOne(tx, hold.id, now)) await emitHoldEvent(core, tx, hold, 'expired');
    return (await core.stores.holds.find(tx, hold.tenantId, hold.id))!;
  });
}

// The doubt is written when the request's answer is there, or lost; the till's way to it has no write for this.
async function isBeingEnded(core: Core, hold: StoredHold): Promise<boolean> {
  if (hold.state !== 'active' || hold.guarantee !== 'provider') return false;
  const connection = await sealedConnectionOf(core, hold);
  const endedByOthers = connection !== undefined && holdTraits(connection)?.endedBy !== undefined;
  return core.stores.doubts.isBeingEnded(core.database.direct, hold, endedByOthers);
}
