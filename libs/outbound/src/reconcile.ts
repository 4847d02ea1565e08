import { crashPoint } from '#crash-point';
import type { StoredOperation } from '#persistence';
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
  const opened = await open(core, operationId);
  if (!opened) return;
  const { probe, search } = opened;
  if (await probe.isOver())
    return probe.conclude({ verdict: 'inconclusive', final: true, note: OVER }, search);
  const putOffMs = patient ? core.breakers.of(probe.operation.lane).lookPutOffMs() : 0;
  if (putOffMs > 0) return probe.putBack(search, { verdict: 'unasked', waitMs: putOffMs, circuitOpen: true });
  const seen = await probe.look();
  crashPoint('reconcile:looked');
  if (seen.verdict === 'taken') return;
  if (seen.verdict === 'unasked') return probe.putBack(search, seen);
  await probe.conclude(seen, search);
}

/** Looks for a lost answer before its first probe is due, while its caller waits: nothing is sent again, only what is certain is taken, and all else counts as no look. */
export async function glance(core: Core, { id, lane }: StoredOperation): Promise<void> {
  if (core.breakers.of(lane).lookPutOffMs() > 0) return;
  const opened = await open(core, id);
  if (!opened) return;
  const { probe, search } = opened;
  const seen = await probe.look({ readsOnly: true });
  if (seen.verdict === 'executed' && seen.evidence !== 'weak') return probe.conclude(seen, search);
  if (seen.verdict !== 'taken') await probe.leave(search);
}

async function open(core: Core, operationId: string): Promise<{ probe: Probe; search: Search } | undefined> {
  const { operations } = core.stores;
  const claim = await operations.claimUnknown(core.database.direct, operationId, core.owner, LEASE_MS * 2);
  if (!claim) return undefined;
  crashPoint('reconcile:claimed');
  const operation = (await operations.byId(core.database.direct, operationId))!;
  const connection = await connectionOf(core, operation);
  const doing = connection && doingFor(connection, operation);
  const search = operation.reconcile as unknown as Search;
  if (doing?.reconcile) return { probe: new Probe(core, operation, connection!, claim, doing), search };
  await review(core, { operation, connection, claim }, search, 'none');
  return undefined;
}
