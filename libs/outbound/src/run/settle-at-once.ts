import { crashPoint } from '#crash-point';
import { isUnmet } from '#persistence';
import type { Ending, Expectation, StoredOperation } from '#persistence';
import type { Core } from '../core/core.js';
import type { ShowResource } from '../kinds/kind.js';
import { kindOf } from '../kinds/kinds.js';
import { announce } from './announce.js';
import { StaleClaim } from './settlement.js';
import type { ClaimedOperation, Settlement } from './settlement.js';

/** What was stored: the operation's row, and how its resource is shown. */
export interface Stored {
  ended?: StoredOperation;
  shown?: ShowResource;
  /** Another operation is due now, since this one has ended. */
  hasWoken?: boolean;
}

/** Stores a success that its kind completes by one statement: that, the operation's row, the events and the COMMIT leave in one round trip. `undefined` = nothing was stored, it takes more steps. Throws `StaleClaim`. */
export async function settleAtOnce(
  core: Core,
  { operation: before, connection, claim }: ClaimedOperation,
  settlement: Settlement,
  ending: Ending,
): Promise<Stored | undefined> {
  if (!connection || !isProvidersOwn(settlement)) return undefined;
  const complete = kindOf(before.kind).succeededAlone?.(connection, settlement.result);
  if (!complete) return undefined;
  const operation = { ...before, state: ending.state, outcome: ending.outcome };
  let sent: [Promise<unknown>, Promise<ShowResource>] | undefined;
  let ended: StoredOperation | undefined;
  try {
    await core.database.transaction(async tx => {
      const settled = core.stores.operations.settleOrRefuse(tx, claim, ending);
      // `complete` may throw before the pair exists.
      void settled.catch(() => undefined);
      sent = [settled, complete({ core, tx, operation, connection })];
      void Promise.allSettled(sent);
      await announce(core, tx, operation, { seen: row => (ended = row) });
      crashPoint('settle:inside');
    });
    return { ended, shown: await sent![1] };
  } catch (error) {
    const ends = sent ? await Promise.allSettled(sent) : [];
    const unmet = (what: Expectation) =>
      ends.some(end => end.status === 'rejected' && isUnmet(end.reason, what));
    if (unmet('live-claim')) throw new StaleClaim();
    if (unmet('nothing-else')) return undefined;
    throw error;
  }
}

/** A success that the provider itself answered: a person has no result, and what was found is no proof. */
const isProvidersOwn = ({ evidence, result }: Settlement): boolean =>
  evidence === 'proof' && result !== undefined;
