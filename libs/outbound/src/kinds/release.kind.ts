import { Refusal } from '#canonical';
import type { HoldRelease, ProviderRefs } from '#canonical';
import type { Tx } from '#persistence';
import { declaredFor, writePlanOf } from '../connections/capability.js';
import type { Core } from '../core/core.js';
import { currentHold } from '../holds/current-hold.js';
import { clearDoubts, doubtHolds } from '../holds/doubtful-holds.js';
import { holdView, emitHoldEvent, usableHolds } from '../holds/holds.js';
import { bindHolds } from '../holds/named-holds.js';
import { defineKind } from './kind.js';

/** Lets a hold go before its time. */
export const releaseKind = defineKind<
  HoldRelease,
  { refs: ProviderRefs; reason: string },
  { verified: boolean }
>({
  operation: 'releaseHold',
  resourceType: 'hold',
  prefix: 'hld',
  status: 200,
  laneClass: 'interactive',

  async prepare({ core, tx, connection }, { body, params }) {
    const hold = (await usableHolds(core, tx, connection, [params.holdId!]))[0]!;
    const support = declaredFor(connection, 'releaseHold');
    const ask = { refs: hold.providerRefs, reason: body.reason ?? 'released' };
    // Whoever reads a lost purchase's truth from the customer's balance must know that a release moved it.
    const about = {
      resourceId: hold.id,
      customerId: hold.customerId ?? undefined,
      customerLock: hold.customerId ?? undefined,
      ask,
    };
    if (hold.guarantee === 'advisory') return { plan: 'advisory', ...about };
    if (support.support === 'advisory') throw new Error('A hold of the provider needs its release.');
    if (Object.keys(hold.providerRefs).length === 0) {
      throw new Refusal('state-conflict', {
        detail: `The provider’s answer to the hold ${hold.id} was lost, so its id there is not known; it expires by itself at ${hold.expiresAt.toISOString()}.`,
      });
    }
    return { plan: writePlanOf(support, connection.settings), ...about };
  },

  async accept({ core, tx }, { id, resourceId }, prepared) {
    // Nor may a sale name it from here on: only one of them can have its points.
    await bindHolds(core, tx, [resourceId], id);
    if (prepared.plan === 'advisory')
      await release(core, tx, resourceId, { reason: prepared.ask.reason, verified: true });
  },

  async succeeded({ core, tx, operation }, ask, { verified }) {
    await release(core, tx, operation.resourceId, { reason: ask.reason, verified });
  },

  async resolved({ core, tx, operation }) {
    const { reason } = core.vault.open<{ reason: string }>('operation', operation.id, operation.ask!);
    await release(core, tx, operation.resourceId, { reason, verified: false });
  },

  async transitioned(context, transition) {
    // What may have been released reserves nothing for certain, and stays out of sales' reach until somebody knows.
    const lost = transition === 'unknown' || transition === 'needs-review';
    await (lost ? doubtHolds(context, [context.operation.resourceId]) : clearDoubts(context));
  },

  async view(core, tx, operation) {
    const hold = await core.stores.holds.find(tx, operation.tenantId, operation.resourceId);
    return hold ? holdView(await currentHold(core, hold)) : undefined;
  },
});

async function release(
  core: Core,
  tx: Tx,
  holdId: string,
  how: { reason: string; verified: boolean },
): Promise<void> {
  const moved = await core.stores.holds.move(tx, holdId, {
    from: ['active', 'doubtful'],
    to: 'released',
    release: { ...how, at: core.now().toISOString() },
  });
  const hold = moved && (await core.stores.holds.byId(tx, holdId));
  if (hold) await emitHoldEvent(core, tx, hold, 'released');
}
