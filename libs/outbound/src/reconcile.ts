import { crashPoint } from '#crash-point';
import { LEASE_MS } from './call-times.js';
import { connectionOf } from './connection.js';
import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { Probe, review } from './probe.js';
import type { Search } from './probe.js';

/** What is known of an effect that lasts a while: neither that it was made nor that it was not may be said of it later. */
const OVER = 'Its time is over: if it was made, it has ended by itself, and nothing of it is held any more.';

/** Probes once for the truth about an operation whose answer was lost. Safe to call at any time, from any process. */
export async function reconcile(core: Core, operationId: string): Promise<void> {
  const claim = await core.stores.operations.claimUnknown(
    core.database.direct,
    operationId,
    core.owner,
    LEASE_MS * 2,
  );
  if (!claim) return;
  crashPoint('reconcile:claimed');
  const operation = (await core.stores.operations.byId(core.database.direct, operationId))!;
  const connection = await connectionOf(core, operation);
  const doing = connection && doingFor(connection, operation);
  const search = operation.reconcile as unknown as Search;
  if (!doing?.reconcile) return review(core, { operation, connection, claim }, search, 'none');
  const probe = new Probe(core, operation, connection!, claim, doing);
  if (await probe.isOver())
    return probe.conclude({ verdict: 'inconclusive', final: true, note: OVER }, search);
  const seen = await probe.look();
  crashPoint('reconcile:looked');
  if (seen.verdict === 'taken') return;
  if (seen.verdict === 'unasked') return probe.postpone(search, new Date(core.now().getTime() + seen.waitMs));
  await probe.conclude(seen, search);
}
