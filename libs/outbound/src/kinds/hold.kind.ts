import { Refusal, comparePoints, defaultHoldSeconds } from '#canonical';
import type { HoldAsk, HoldCreate, HoldData } from '#canonical';
import type { StoredHold } from '#persistence';
import { answerFor, assertLookupBy, doingOf } from '../capability.js';
import { holdView, locationAt, tellHold } from '../holds.js';
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

  async look(core, connection, { body }) {
    return keepsAdvisoryHolds(connection) ? holderOf(core, connection, body) : undefined;
  },

  async prepare(core, tx, connection, { body }, holder?: Holder) {
    const support = answerFor(connection, 'createHold');
    if (body.identifier) assertLookupBy(connection, body.identifier.type);
    const durationSeconds = body.durationSeconds ?? defaultHoldSeconds;
    if (holder) {
      const free = await freePoints(core, tx, connection, holder, []);
      if (comparePoints(body.points, free) > 0) {
        throw new Refusal('insufficient-points', {
          detail: `${free} points are free to be held.`,
          maxRedeemPoints: free,
        });
      }
      return {
        doing: 'advisory',
        customerId: holder.customerId,
        customerLock: holder.customerId,
        ask: { subject: {}, points: body.points, durationSeconds },
      };
    }
    if (support.support === 'advisory') throw new Error('An advisory hold needs its holder.');
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
    wakeAtEnd(core, hold.expiresAt);
  },

  async succeeded(scene, _ask, { refs, points, until, customer }) {
    const { core, tx, operation, connection } = scene;
    const customerId =
      customer &&
      (await core.stores.customers.upsert(
        tx,
        { tenantId: connection.tenantId, connectionId: connection.id },
        customer.refs,
      ));
    // The provider's end in OUR clock: its own clock may be minutes away, and the duration that was asked means nothing.
    const expiresAt = new Date(new Date(until).getTime() - connection.clockSkewMs);
    await core.stores.holds.confirm(tx, operation.resourceId, {
      providerRefs: refs,
      points,
      expiresAt,
      customerId,
      state: 'active',
    });
    await tellHold(core, tx, await holdOf(scene), 'created');
    wakeAtEnd(core, expiresAt);
  },

  async turned(scene, turn) {
    const { core, tx, operation } = scene;
    const hold = await holdOf(scene);
    if (turn === 'unknown') {
      await tellHold(core, tx, hold, 'doubtful');
      wakeAtEnd(core, hold.expiresAt);
    } else if (turn !== 'needs-review') {
      const release = { reason: 'never made', at: core.now().toISOString(), verified: true };
      await core.stores.holds.move(tx, operation.resourceId, {
        from: ['doubtful', 'active'],
        to: 'released',
        release,
      });
    }
  },

  async view(core, tx, operation) {
    const hold = await core.stores.holds.find(tx, operation.tenantId, operation.resourceId);
    return hold ? holdView(hold) : undefined;
  },
});

const holdOf = async ({ core, tx, operation }: Omit<Scene, 'connection'>): Promise<StoredHold> =>
  (await core.stores.holds.find(tx, operation.tenantId, operation.resourceId))!;

// The time stamp in the row is the truth; the job is only sooner than the sweep.
function wakeAtEnd(core: Scene['core'], expiresAt: Date): void {
  core.background.run(core.jobs.holdExpiry(Math.ceil(expiresAt.getTime() / 1_000)), () => undefined);
}
