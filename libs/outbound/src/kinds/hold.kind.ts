import { Refusal, comparePoints, defaultHoldSeconds } from '#canonical';
import type { HoldAsk, HoldCreate, HoldData } from '#canonical';
import type { StoredHold } from '#persistence';
import { answerFor, assertLookupBy, doingOf } from '../capability.js';
import { connectionOf } from '../connection.js';
import { tellDoubts } from '../doubtful.js';
import { endOfHold, longestEnd } from '../end-of-hold.js';
import { currentHold, holdView, locationAt, tellHold, wakeHolds } from '../holds.js';
import { freePoints, holderOf, keepsAdvisoryHolds } from '../reserved.js';
import type { Holder } from '../reserved.js';
import { resolveWho } from '../who.js';
import { defineKind } from './kind.js';
import type { Scene } from './kind.js';

/** Points kept for a sale that is going on: by the provider, or by the gateway where a connection opted in. */
export const holdKind = defineKind<HoldCreate, HoldAsk, HoldData>({
  kind: 'createHold',
  resourceType: 'hold',
  prefix: 'hld',
  laneClass: 'interactive',

  look(core, connection, { body, waitMs }) {
    return keepsAdvisoryHolds(connection) ? () => holderOf(core, connection, body, waitMs) : undefined;
  },

  async prepare(core, tx, connection, { body }, holder?: Holder) {
    const support = answerFor(connection, 'createHold');
    if (body.identifier) assertLookupBy(connection, body.identifier.type);
    const durationSeconds = body.durationSeconds ?? defaultHoldSeconds;
    if (support.support === 'advisory') {
      const free = holder ? await freePoints(core, tx, connection, holder, []) : '0';
      if (!holder || comparePoints(body.points, free) > 0) throw tooMany(free);
      return {
        doing: 'advisory',
        customerId: holder.customerId,
        customerLock: holder.customerId,
        ask: { subject: {}, points: body.points, durationSeconds },
      };
    }
    const known = await resolveWho(core, tx, connection, body);
    return {
      doing: doingOf(support, connection.settings),
      customerId: known.customerId,
      customerLock: known.lock,
      ask: { subject: known.subject, points: body.points, durationSeconds, locationId: body.locationId },
    };
  },

  async accept({ core, tx, connection }, operation, prepared, { body }) {
    const advisory = prepared.doing === 'advisory';
    // Until the provider has answered nobody can promise these points: a hold that is only asked for is doubtful.
    const hold = {
      id: operation.resourceId,
      tenantId: connection.tenantId,
      connectionId: connection.id,
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
    await tellHold(core, tx, hold as StoredHold, 'created');
    wakeHolds(core, hold.expiresAt);
  },

  async succeeded(scene, ask, { refs, points, until, customer }) {
    const { core, tx, operation, connection } = scene;
    const { holds, customers, doubts } = core.stores;
    const owner = { tenantId: connection.tenantId, connectionId: connection.id };
    const customerId = customer && (await customers.upsert(tx, owner, customer.refs));
    const longest = longestEnd(connection, await sentAt(scene), ask.durationSeconds);
    const expiresAt = endOfHold(connection, new Date(until), longest);
    const others = { connectionId: connection.id, locationId: null, customer: customerId };
    if (customerId) await doubts.lock(tx, { ...others, except: [operation.resourceId] });
    const state = await holds.confirm(tx, operation.resourceId, {
      providerRefs: refs,
      points,
      expiresAt,
      customerId,
    });
    if (state === null) return;
    await tellHold(core, tx, await holdOf(scene), 'created');
    if (state === 'doubtful')
      await tellDoubts(core, tx, [{ id: operation.resourceId, before: 'active', state }]);
    wakeHolds(core, expiresAt);
    if (!customerId) return;
    // Points that a hold of this customer kept until a moment ago may be the very ones that this one was given.
    const endangered = { connectionId: connection.id, customer: customerId, except: operation.resourceId };
    await tellDoubts(core, tx, await doubts.doubtEndangered(tx, endangered));
  },

  async turned(scene, turn) {
    const { core, tx, operation } = scene;
    if (turn === 'unknown') return lost(scene);
    if (turn === 'needs-review') return;
    const release = { reason: 'never made', at: core.now().toISOString(), verified: true };
    const step = { from: ['doubtful'], to: 'released', release } as const;
    const moved = await core.stores.holds.move(tx, operation.resourceId, step);
    // Whoever was told of its doubt is told of its end; of one that was refused at once nobody has heard.
    if (moved && operation.reconcile) await tellHold(core, tx, await holdOf(scene), 'released');
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
async function lost(scene: Omit<Scene, 'connection'>): Promise<void> {
  const { core, tx, operation } = scene;
  const connection = await connectionOf(core, operation, tx);
  const ask = core.vault.open<HoldAsk>('operation', operation.id, operation.ask!);
  if (connection) {
    const expiresAt = longestEnd(connection, await sentAt(scene), ask.durationSeconds);
    await core.stores.holds.endsAt(tx, operation.resourceId, expiresAt);
    wakeHolds(core, expiresAt);
  }
  await tellHold(core, tx, await holdOf(scene), 'doubtful');
}

const holdOf = async ({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<StoredHold> =>
  (await core.stores.holds.find(tx, operation.tenantId, operation.resourceId))!;

/** When its request left, in our clock; Postgres, whose clock wrote it down, only says how long ago. */
const sentAt = async ({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<Date> =>
  new Date(core.now().getTime() - (await core.stores.holds.sentAgo(tx, operation.id)));

const tooMany = (free: string): Refusal =>
  new Refusal('insufficient-points', {
    detail: `${free} points are free to be held.`,
    maxRedeemPoints: free,
  });
