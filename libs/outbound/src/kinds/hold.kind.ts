import { Refusal, comparePoints, defaultHoldSeconds } from '#canonical';
import type { HoldAsk, HoldCreate, HoldData } from '#canonical';
import type { StoredHold } from '#persistence';
import { declaredFor, assertLookupBy, writePlanOf } from '../connections/capability.js';
import { sealedConnectionOf, belongingTo } from '../connections/connection.js';
import { currentHold } from '../holds/current-hold.js';
import { emitDoubts } from '../holds/doubtful-holds.js';
import { endOfHold, longestEnd } from '../holds/end-of-hold.js';
import { holdView, locationAt, emitHoldEvent, wakeHolds } from '../holds/holds.js';
import { freePoints, holderOf, keepsAdvisoryHolds } from '../holds/reserved-points.js';
import type { Holder } from '../holds/reserved-points.js';
import { resolveWho } from '../reads/resolve-who.js';
import { defineKind } from './kind.js';
import type { ResourceContext } from './kind.js';

/** Points kept for a sale that is going on: by the provider, or by the gateway where a connection opted in. */
export const holdKind = defineKind<HoldCreate, HoldAsk, HoldData>({
  operation: 'createHold',
  resourceType: 'hold',
  prefix: 'hld',
  laneClass: 'interactive',

  readFirst(core, connection, { body, waitMs }) {
    return keepsAdvisoryHolds(connection) ? () => holderOf(core, connection, body, waitMs) : undefined;
  },

  async prepare({ core, tx, connection }, { body }, holder?: Holder) {
    const support = declaredFor(connection, 'createHold');
    if (body.identifier) assertLookupBy(connection, body.identifier.type);
    const durationSeconds = body.durationSeconds ?? defaultHoldSeconds;
    if (support.support === 'advisory') {
      const free = holder ? await freePoints(core, tx, connection, holder, []) : '0';
      if (!holder || comparePoints(body.points, free) > 0) throw tooMany(free);
      return {
        plan: 'advisory',
        customerId: holder.customerId,
        customerLock: holder.customerId,
        ask: { subject: {}, points: body.points, durationSeconds },
      };
    }
    const known = await resolveWho(core, tx, connection, body);
    return {
      plan: writePlanOf(support, connection.settings),
      customerId: known.customerId,
      customerLock: known.lock,
      // Made later, it would keep the points of somebody who left long ago, and for whom the till sold without it.
      worthSeconds: durationSeconds,
      ask: { subject: known.subject, points: body.points, durationSeconds, locationId: body.locationId },
    };
  },

  async accept({ core, tx, connection }, operation, prepared, { body }) {
    const advisory = prepared.plan === 'advisory';
    // Until the provider has answered nobody can promise these points: a hold that is only asked for is doubtful.
    const hold = {
      id: operation.resourceId,
      ...belongingTo(connection),
      operationId: operation.id,
      customerId: prepared.customerId ?? null,
      customerLock: prepared.customerLock ?? null,
      guarantee: advisory ? 'advisory' : 'provider',
      state: advisory ? ('active' as const) : ('doubtful' as const),
      points: body.points,
      locationId: locationAt(connection, body.locationId),
      providerRefs: {},
      expiresAt: new Date(core.now().getTime() + prepared.ask.durationSeconds * 1_000),
    };
    await core.stores.holds.insert(tx, hold);
    if (!advisory) return;
    await emitHoldEvent(core, tx, hold as StoredHold, 'created');
    wakeHolds(core, hold.expiresAt);
  },

  async succeeded(context, ask, { refs, points, until, customer }) {
    const { core, tx, operation, connection } = context;
    const { holds, customers, doubts } = core.stores;
    const owner = belongingTo(connection);
    const customerId = customer && (await customers.upsert(tx, owner, customer.refs));
    const asked = { ...ask, sentAt: await sentAt(context) };
    const expiresAt = endOfHold(connection, new Date(until), asked);
    const others = { connectionId: connection.id, locationId: null, customer: customerId };
    if (customerId) await doubts.lock(tx, { ...others, except: [operation.resourceId] });
    const state = await holds.confirm(tx, operation.resourceId, {
      providerRefs: refs,
      points,
      expiresAt,
      customerId,
    });
    if (state === null) return;
    await emitHoldEvent(core, tx, await holdOf(context), 'created');
    if (state === 'doubtful')
      await emitDoubts(core, tx, [{ id: operation.resourceId, before: 'active', state }]);
    wakeHolds(core, expiresAt);
    if (!customerId) return;
    // Points that a hold of this customer kept until a moment ago may be the very ones that this one was given.
    const endangered = { connectionId: connection.id, customer: customerId, except: operation.resourceId };
    await emitDoubts(core, tx, await doubts.doubtEndangered(tx, endangered));
  },

  async transitioned(context, transition) {
    const { core, tx, operation } = context;
    if (transition === 'unknown') return lost(context);
    if (transition === 'needs-review') return;
    const release = { reason: 'never made', at: core.now().toISOString(), verified: true };
    const step = { from: ['doubtful'], to: 'released', release } as const;
    const moved = await core.stores.holds.move(tx, operation.resourceId, step);
    // Whoever was told of its doubt is told of its end; of one that was refused at once nobody has heard.
    if (moved && operation.reconcile) await emitHoldEvent(core, tx, await holdOf(context), 'released');
  },

  async endsBy(core, { id }) {
    return (await core.stores.holds.byOperation(core.database.direct, id))?.expiresAt;
  },

  async view(core, tx, operation) {
    const hold = await core.stores.holds.find(tx, operation.tenantId, operation.resourceId);
    return hold ? holdView(await currentHold(core, hold)) : undefined;
  },
});

/** If it was made, it lasts no longer than was asked from the moment that its request left. */
async function lost(context: Omit<ResourceContext, 'connection'>): Promise<void> {
  const { core, tx, operation } = context;
  const connection = await sealedConnectionOf(core, operation, tx);
  const ask = core.vault.open<HoldAsk>('operation', operation.id, operation.ask!);
  if (connection) {
    const expiresAt = longestEnd(connection, { ...ask, sentAt: await sentAt(context) });
    await core.stores.holds.endsAt(tx, operation.resourceId, expiresAt);
    wakeHolds(core, expiresAt);
  }
  await emitHoldEvent(core, tx, await holdOf(context), 'doubtful');
}

const holdOf = async ({ core, tx, operation }: Omit<ResourceContext, 'connection'>): Promise<StoredHold> =>
  (await core.stores.holds.find(tx, operation.tenantId, operation.resourceId))!;

/** When its request left, in our clock; Postgres, whose clock wrote it down, only says how long ago. */
const sentAt = async ({ core, tx, operation }: Omit<ResourceContext, 'connection'>): Promise<Date> =>
  new Date(core.now().getTime() - (await core.stores.holds.sentAgo(tx, operation.id)));

const tooMany = (free: string): Refusal =>
  new Refusal('insufficient-points', {
    detail: `Only ${free} points are available to hold.`,
    maxRedeemPoints: free,
  });
