import { crashPoint } from '#crash-point';
import { LEASE_MS } from './call-times.js';
import { connectionOf } from './connection.js';
import type { Core } from './core.js';
import { doingFor } from './doing.js';
import { Probe, review } from './probe.js';
import type { Search } from './probe.js';

/** What is known of an effect that lasts a while: neither that it was made nor that it was not may be said of it later. */
const OVER = 'Its time is over: if it was made, it has ended by itself, and nothing of it is held any more.';

/** How a look is meant. */
export interface Looking {
  /** Nobody waits for it: it stands back while the provider does not answer anybody. */
  patient?: boolean;
}

/** Probes once for the truth about an operation whose answer was lost. Safe to call at any time, from any process. */
export async function reconcile(core: Core, operationId: string, { patient }: Looking = {}): Promise<void> {
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
  const putOffMs = patient ? core.breakers.of(operation.lane).lookPutOffMs() : 0;
  if (putOffMs > 0) return probe.putBack(search, { verdict: 'unasked', waitMs: putOffMs, circuitOpen: true });
  const seen = await probe.look();
  crashPoint('reconcile:looked');
  if (seen.verdict === 'taken') return;
  if (seen.verdict === 'unasked') return probe.putBack(search, seen);
  await probe.conclude(seen, search);
}
