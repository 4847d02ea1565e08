import { Refusal } from '#canonical';
import { crashPoint } from '#crash-point';
import type { Claim, StoredOperation, SweptOperation } from '#persistence';
import { LEASE_MS } from '../core/timeouts.js';
import { connectionOf, sealedConnectionOf } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { writePlanFor } from '../run/write-plan.js';
import { Conclusion } from './conclusion.js';
import { handToPerson } from './hand-to-person.js';
import { returnAfterGlance, returnUnasked } from './next-look.js';
import { Probe } from './probe.js';
import { mayBePostponed, postponeProbes } from './postpone.js';

/** Note for an effect that ends by itself (a hold): afterwards nobody can tell whether it ever existed. */
const OVER =
  'Its time is up: if the hold was created, it has expired by itself, and no points are held any longer.';

/** After how long a look is tried again that found too many of its lane under way, in milliseconds. */
const AGAIN_MS = 2_000;

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
  if (!patient) return lookOnce(core, operationId);
  const lost = await core.stores.wakes.unknown(core.database.direct, operationId);
  if (!lost) return;
  const done = core.laneWatch.look(lost.lane);
  if (!done) return putOff(core, lost);
  const putOffMs = core.breakers.of(lost.lane).beginLookMs();
  try {
    if (putOffMs > 0 && mayBePostponed(lost)) await postponeProbes(core, [lost]);
    else await lookOnce(core, operationId, putOffMs);
  } finally {
    done();
  }
}

/** Leaves it to one of the next sweeps. */
const putOff = (core: Core, { id }: SweptOperation): Promise<void> =>
  core.stores.wakes.at(core.database.direct, id, new Date(core.now().getTime() + AGAIN_MS));

const lookOnce = (core: Core, operationId: string, putOffMs = 0): Promise<void> =>
  withProbe(core, operationId, probe => look(probe, putOffMs));

async function look(probe: Probe, putOffMs: number): Promise<void> {
  const conclusion = new Conclusion(probe);
  if (await probe.isOver()) return conclusion.draw({ verdict: 'inconclusive', final: true, note: OVER });
  if (putOffMs > 0) return returnUnasked(probe, { verdict: 'no-turn', waitMs: putOffMs, circuitOpen: true });
  const seen = await probe.look();
  crashPoint('reconcile:looked');
  if (seen.verdict === 'taken') return;
  if (seen.verdict === 'no-turn') return returnUnasked(probe, seen);
  await conclusion.draw(seen);
}

/** A quick probe while the caller waits, before the first scheduled one: reads only, accepts only certain evidence, and does not count as a probe otherwise. */
export async function glance(core: Core, { id, lane }: StoredOperation): Promise<void> {
  if (core.breakers.of(lane).beginLookMs() > 0) return;
  await withProbe(core, id, async probe => {
    const seen = await probe.look({ readsOnly: true });
    if (seen.verdict === 'executed' && seen.evidence !== 'weak') return new Conclusion(probe).draw(seen);
    if (seen.verdict !== 'taken') await returnAfterGlance(probe, seen);
  });
}

/** Claims the row and keeps it during the work; none where another process has it, or nobody can be asked. */
async function withProbe(
  core: Core,
  operationId: string,
  work: (probe: Probe) => Promise<void>,
): Promise<void> {
  const by = { owner: core.owner, leaseMs: LEASE_MS };
  const claim = await core.stores.operations.claimUnknown(core.database.direct, operationId, by);
  if (!claim) return;
  core.leases.keep(claim);
  try {
    crashPoint('reconcile:claimed');
    const probe = await probeFor(core, claim);
    if (probe) await work(probe);
  } finally {
    core.leases.drop(claim);
  }
}

async function probeFor(core: Core, claim: Claim): Promise<Probe | undefined> {
  const operation = (await core.stores.operations.byId(core.database.direct, claim.id))!;
  const connection = await connectionToAsk(core, operation);
  const plan = connection && writePlanFor(connection, operation);
  if (plan?.reconcile) return new Probe(core, operation, connection!, claim, plan);
  await handToPerson(core, { operation, connection, claim }, operation.reconcile!, 'none');
  return undefined;
}

/** The connection of an operation whose answer was lost; `closed` where its credentials cannot be decrypted. A look that threw instead would keep its claim until the lease ends, and no person could decide meanwhile. */
async function connectionToAsk(core: Core, operation: StoredOperation): Promise<OpenConnection | undefined> {
  try {
    return await connectionOf(core, operation);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'connection-credentials-invalid') throw error;
    const sealed = await sealedConnectionOf(core, operation);
    return sealed && { ...sealed, closed: error };
  }
}
