import { crashPoint } from '#crash-point';
import type { StoredOperation } from '#persistence';
import { LEASE_MS } from '../core/timeouts.js';
import { connectionOf } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from '../run/write-plan.js';
import { Probe, handToPerson } from './probe.js';
import type { Search } from './probe.js';

/** Note for an effect that ends by itself (a hold): afterwards nobody can tell whether it ever existed. */
const OVER =
  'Its time is up: if the hold was created, it has expired by itself, and no points are held any longer.';

/** Who wants to know. */
export interface ReconcileOptions {
  /** Nobody waits: postponed while the provider answers nobody. */
  patient?: boolean;
}

/** Probes the provider once for the outcome of an operation whose answer was lost. Safe to call at any time, from any process. */
export async function reconcile(
  core: Core,
  operationId: string,
  { patient }: ReconcileOptions = {},
): Promise<void> {
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

/** A quick probe while the caller waits, before the first scheduled one: reads only, accepts only certain evidence, and does not count as a probe otherwise. */
export async function glance(core: Core, { id, lane }: StoredOperation): Promise<void> {
  if (core.breakers.of(lane).lookPutOffMs() > 0) return;
  const opened = await open(core, id);
  if (!opened) return;
  const { probe, search } = opened;
  const seen = await probe.look({ readsOnly: true });
  if (seen.verdict === 'executed' && seen.evidence !== 'weak') return probe.conclude(seen, search);
  if (seen.verdict !== 'taken') await probe.release(search);
}

async function open(core: Core, operationId: string): Promise<{ probe: Probe; search: Search } | undefined> {
  const { operations } = core.stores;
  const claim = await operations.claimUnknown(core.database.direct, operationId, core.owner, LEASE_MS * 2);
  if (!claim) return undefined;
  crashPoint('reconcile:claimed');
  const operation = (await operations.byId(core.database.direct, operationId))!;
  const connection = await connectionOf(core, operation);
  const plan = connection && writePlanFor(connection, operation);
  const search = operation.reconcile as unknown as Search;
  if (plan?.reconcile) return { probe: new Probe(core, operation, connection!, claim, plan), search };
  await handToPerson(core, { operation, connection, claim }, search, 'none');
  return undefined;
}
