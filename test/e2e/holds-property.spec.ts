import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { expireHolds, quote, reconcile, settleDoubts } from '#outbound';
import type { OpenConnection } from '#outbound';
import { Scene, rub } from './holds-scene.js';
import type { Who } from './holds-scene.js';

let scene: Scene;
let shop: OpenConnection;
/** How often a hold was seen active and points were offered: a run without either proves nothing. */
let witnessed = { active: 0, offered: 0, open: 0 };

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());
beforeEach(() => {
  witnessed = { active: 0, offered: 0, open: 0 };
});

const who = (type: string, value: string): Who => ({ identifier: { type, value } });
/** Two people, with their identifiers. */
const people = {
  loyalclient: [
    [who('phone', '+79031234567'), who('card', '2200700112345678'), who('code', '012345')],
    [who('code', '007007'), who('card', '2000000000024')],
  ],
  uds: [
    // UDS spends by code only.
    [who('code', '000123'), who('phone', '+79990000002'), who('code', '000123')],
    [who('code', '123456'), who('phone', '+79990000001'), who('code', '123456')],
  ],
} as const;

type Provider = keyof typeof people;
type Act =
  | { kind: 'hold'; person: number; name: number; points: number; seconds: number; point: number }
  | { kind: 'buy'; person: number; name: number; redeem: number; named: number[]; point: number }
  | { kind: 'release'; hold: number };
/** Simultaneous actions of several tills, and what precedes them. */
interface Moment {
  pass: number;
  /** The fate of the next write’s answer. */
  fault: string | null;
  ask: boolean;
  acts: Act[];
}

const person = { person: fc.nat(1), name: fc.nat(2) };
const point = fc.integer({ min: 1, max: 3 });
// Mostly small, so that several fit; sometimes the whole balance.
const points = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 120 }) },
  { weight: 1, arbitrary: fc.integer({ min: 120, max: 900 }) },
);
const hold = fc.record({
  kind: fc.constant('hold' as const),
  ...person,
  points,
  seconds: fc.integer({ min: 60, max: 1_800 }),
  point,
});
const buy = fc.record({
  kind: fc.constant('buy' as const),
  ...person,
  redeem: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: points }),
  named: fc.array(fc.nat(9), { maxLength: 2 }),
  point,
});
const release = fc.record({ kind: fc.constant('release' as const), hold: fc.nat(9) });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: hold },
  { weight: 3, arbitrary: buy },
  { weight: 1, arbitrary: release },
);
const moment: fc.Arbitrary<Moment> = fc.record({
  pass: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 900 }) },
  ),
  fault: fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.constantFrom('commit-then-reset', 'reset-before-reading') },
  ),
  ask: fc.boolean(),
  acts: fc.array(act, { minLength: 1, maxLength: 3 }),
});
const day = fc.record({
  skewMs: fc.integer({ min: -600_000, max: 600_000 }),
  maxHoldMinutes: fc.integer({ min: 1, max: 30 }),
  moments: fc.array(moment, { minLength: 5, maxLength: 12 }),
});
type Day = typeof day extends fc.Arbitrary<infer T> ? T : never;

const writes = { loyalclient: 'retail|hold', uds: 'operations' };

/** A sequence of actions; after each moment the ledgers are compared. */
class Trade {
  readonly holds: string[] = [];

  constructor(
    readonly provider: Provider,
    readonly skewMs: number,
  ) {}

  async live({ pass, fault, ask, acts }: Moment): Promise<void> {
    await scene.pass(pass, this.skewMs);
    if (fault) {
      const which = { provider: this.provider, method: 'POST', pathPattern: writes[this.provider] };
      await scene.world.control('faults', { ...which, fault, count: 1 });
    }
    await Promise.all(acts.map(one => this.#do(one)));
    await scene.core.background.drain(10_000);
    if (ask) {
      await scene.pass(3, this.skewMs);
      await settleDoubts(scene.core);
      await this.#lookForLost();
    }
  }

  // A lost sale may be repeated, so points are spent long after the request.
  async #lookForLost(): Promise<void> {
    const lost: { id: string }[] = await scene.core.database.direct.query(
      `select id from operations where connection_id = $1 and state = 'unknown' order by id`,
      [shop.id],
    );
    for (const { id } of lost) await reconcile(scene.core, id);
  }

  async #do(one: Act): Promise<void> {
    try {
      await this.#tried(one);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  async #tried(one: Act): Promise<void> {
    if (one.kind === 'release') {
      const id = this.#pick(one.hold);
      return void (id && (await scene.release(shop, id)));
    }
    const names = people[this.provider][one.person]!;
    const buyer = names[one.name % names.length]!;
    const locationId = this.provider === 'loyalclient' ? { locationId: `shop-${one.point}` } : {};
    if (one.kind === 'hold') {
      const asked = { points: `${one.points}`, durationSeconds: one.seconds, ...locationId };
      const answer = await scene.hold(shop, buyer, asked, 300);
      const { id, resource } = answer.body as { id: string; resource?: { id: string } };
      if (answer.status < 300) this.holds.push(resource?.id ?? id);
      return;
    }
    const holdIds = [...new Set(one.named.map(n => this.#pick(n)).filter(id => id !== undefined))];
    await scene.buy(shop, buyer, {
      total: '2000.00',
      redeem: `${one.redeem}`,
      holdIds,
      waitMs: 300,
      ...locationId,
    });
  }

  #pick = (n: number): string | undefined => this.holds.at(-1 - (n % Math.max(1, this.holds.length)));

  /** Holds that `GET` shows as active, with the provider's ids. */
  async active(): Promise<{ points: number; ref: string | undefined; customerId: string }[]> {
    const shown = await Promise.all(this.holds.map(id => scene.read(id)));
    for (const { state, expiresAt } of shown)
      if (state === 'active') expect(Date.parse(expiresAt)).toBeGreaterThan(scene.now().getTime());
    return shown
      .filter(({ state }) => state === 'active')
      .map(({ points, providerRefs, customerId }) => ({
        points: Number(points),
        ref: providerRefs['holdId'],
        customerId: customerId!,
      }));
  }
}

async function opened(
  provider: Provider,
  { skewMs, maxHoldMinutes }: Day,
  holdRelease?: string,
): Promise<Trade> {
  const options = provider === 'loyalclient' ? { holdRelease, maxHoldMinutes } : {};
  await scene.world.control('reset', { provider, options });
  await scene.pass(0, skewMs);
  shop = await scene.world.connect(provider, provider === 'uds' ? { advisoryHolds: true } : {});
  return new Trade(provider, skewMs);
}

const ledger = async (provider: Provider) =>
  (await scene.world.control(`state?provider=${provider}`))[provider];

async function nothingStaysLive(trade: Trade): Promise<void> {
  await scene.pass(3_700, trade.skewMs);
  await expireHolds(scene.core);
  for (const id of trade.holds) {
    expect(['consumed', 'released', 'expired']).toContain((await scene.read(id)).state);
    await scene.told(id);
  }
}

describe('points are never promised twice through the gateway', () => {
  it.each(['own', 'point', 'client'])(
    'where the provider keeps the holds and ends those of its %s: what is shown as active still stands there',
    async holdRelease => {
      await fc.assert(
        fc.asyncProperty(day, async plan => {
          const trade = await opened('loyalclient', plan, holdRelease);
          for (const next of plan.moments) {
            await trade.live(next);
            await scene.inOneMoment(async () => {
              const active = await trade.active();
              await standing(trade, active);
              await covered(trade, active);
            });
          }
          await nothingStaysLive(trade);
        }),
        { numRuns: 5, seed: 7_001, endOnFailure: true },
      );
      seenEnough();
    },
    240_000,
  );

  it('kept by the gateway: the balance covers all holds', async () => {
    await fc.assert(
      fc.asyncProperty(day, async plan => {
        const trade = await opened('uds', plan);
        for (const next of plan.moments) {
          await trade.live(next);
          await scene.inOneMoment(async () => {
            const active = await trade.active();
            await covered(trade, active);
            await coveredWithOpenSpends(active);
          });
        }
        await nothingStaysLive(trade);
      }),
      { numRuns: 5, seed: 7_002, endOnFailure: true },
    );
    seenEnough();
    expect(witnessed.open).toBeGreaterThan(0);
  }, 240_000);
});

function seenEnough(): void {
  expect(witnessed.active).toBeGreaterThan(10);
  expect(witnessed.offered).toBeGreaterThan(20);
}

type Active = Awaited<ReturnType<Trade['active']>>;

/** A hold shown as active exists at the provider, with at least as many points and as much time. */
async function standing({ skewMs }: Trade, active: Active): Promise<void> {
  const { holds } = await ledger('loyalclient');
  const providerNow = scene.now().getTime() + skewMs;
  for (const { ref, points } of active) {
    const there = holds.find((hold: { id: string }) => hold.id === ref);
    expect(there).toMatchObject({ amount: points });
    expect(there.until * 1_000).toBeGreaterThan(providerNow);
  }
}

/** Each balance covers its holds and what a new cart is offered. */
async function covered({ provider }: Trade, active: Active): Promise<void> {
  const balances = await balancesAt(provider);
  witnessed.active += active.length;
  const held = sums(active);
  for (const [customerId, points] of held) expect(points).toBeLessThanOrEqual(balances.get(customerId)!);
  for (const customerId of balances.keys()) {
    const offered = await offeredTo({ customerId });
    witnessed.offered += offered > 0 ? 1 : 0;
    expect(offered + (held.get(customerId) ?? 0)).toBeLessThanOrEqual(balances.get(customerId)!);
  }
}

/** A lost spend that UDS has not seen may be repeated: its points stay reserved. */
async function coveredWithOpenSpends(active: Active): Promise<void> {
  const balances = await balancesAt('uds');
  const open: { customerId: string; reference: string; points: number }[] =
    await scene.core.database.direct.query(
      `select o.customer_lock as "customerId", p.merchant_reference as reference,
         (p.receipt->>'redeemPoints')::float8 as points
       from operations o join purchases p on p.operation_id = o.id
       where o.connection_id = $1 and o.spend and o.state = 'unknown'`,
      [shop.id],
    );
  const seen = new Set((await scene.world.effects('uds')).map(({ key }) => key));
  const held = sums(active);
  for (const { customerId, reference, points } of open) {
    const balance = balances.get(customerId) ?? 0;
    // UDS refuses more than the balance.
    if (seen.has(reference) || points > balance) continue;
    const promised = (held.get(customerId) ?? 0) + (await offeredTo({ customerId }));
    expect(promised + points).toBeLessThanOrEqual(balance);
    witnessed.open += 1;
  }
}

/** The points offered to a cart without a hold, if the receipt does not limit them. */
async function offeredTo(buyer: Who): Promise<number> {
  const body = { ...buyer, receipt: { total: rub('100000.00') } };
  try {
    return Number((await quote(scene.core, shop, body as never, { waitMs: 4_000 })).maxRedeemPoints);
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}

/** Points by customer id. */
async function balancesAt(provider: Provider): Promise<Map<string, number>> {
  const { clients, customers } = await ledger(provider);
  const points = new Map<string, number>(
    provider === 'loyalclient'
      ? clients.map(({ id, balance }: { id: string; balance: number }) => [id, balance])
      : customers.map(({ uid, points }: { uid: string; points: string }) => [uid, Number(points)]),
  );
  const known: { customerId: string; value: string }[] = await scene.core.database.direct.query(
    `select customer_id as "customerId", value from customer_refs where connection_id = $1`,
    [shop.id],
  );
  return new Map(
    known.flatMap(({ customerId, value }) => (points.has(value) ? [[customerId, points.get(value)!]] : [])),
  );
}

function sums(active: Active): Map<string, number> {
  const all = new Map<string, number>();
  for (const { points, customerId } of active) all.set(customerId, (all.get(customerId) ?? 0) + points);
  return all;
}
