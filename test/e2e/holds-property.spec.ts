import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { expireHolds, settleDoubts } from '#outbound';
import type { OpenConnection } from '#outbound';
import { Scene } from './holds-scene.js';
import type { Who } from './holds-scene.js';

let scene: Scene;
let shop: OpenConnection;

beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

const who = (type: string, value: string): Who => ({ identifier: { type, value } });
/** Two people, by whatever they may be named. */
const people = {
  loyalclient: [
    [who('phone', '+79031234567'), who('card', '2200700112345678'), who('code', '012345')],
    [who('code', '007007'), who('card', '2000000000024')],
  ],
  uds: [
    [who('code', '000123'), who('phone', '+79990000002')],
    [who('code', '123456'), who('phone', '+79990000001')],
  ],
} as const;

type Provider = keyof typeof people;
type Act =
  | { kind: 'hold'; person: number; name: number; points: number; seconds: number; point: number }
  | { kind: 'buy'; person: number; name: number; redeem: number; named: number[]; point: number }
  | { kind: 'release'; hold: number };
/** What several tills do at one moment, and what comes before it. */
interface Moment {
  pass: number;
  /** What becomes of the next write’s answer. */
  fault: string | null;
  ask: boolean;
  acts: Act[];
}

const person = { person: fc.nat(1), name: fc.nat(2) };
const point = fc.integer({ min: 1, max: 3 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('hold' as const),
    ...person,
    points: fc.integer({ min: 1, max: 900 }),
    seconds: fc.integer({ min: 60, max: 1_800 }),
    point,
  }),
  fc.record({
    kind: fc.constant('buy' as const),
    ...person,
    redeem: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 600 })),
    named: fc.array(fc.nat(9), { maxLength: 2 }),
    point,
  }),
  fc.record({ kind: fc.constant('release' as const), hold: fc.nat(9) }),
);
const moment: fc.Arbitrary<Moment> = fc.record({
  pass: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 900 })),
  fault: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('commit-then-reset', 'reset-before-reading') },
  ),
  ask: fc.boolean(),
  acts: fc.array(act, { minLength: 1, maxLength: 3 }),
});
const day = fc.record({
  skewMs: fc.integer({ min: -600_000, max: 600_000 }),
  holdRelease: fc.constantFrom('own', 'point', 'client'),
  maxHoldMinutes: fc.integer({ min: 1, max: 30 }),
  moments: fc.array(moment, { minLength: 3, maxLength: 8 }),
});
type Day = typeof day extends fc.Arbitrary<infer T> ? T : never;

const writes = { loyalclient: 'retail|hold', uds: 'operations' };

/** One day of a shop: its tills do what they do, and after every moment the books are compared. */
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
    }
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

async function opened(provider: Provider, { skewMs, holdRelease, maxHoldMinutes }: Day): Promise<Trade> {
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
  it('where the provider keeps the holds: what is shown as active still stands there', async () => {
    await fc.assert(
      fc.asyncProperty(day, async plan => {
        const trade = await opened('loyalclient', plan);
        for (const next of plan.moments) {
          await trade.live(next);
          const { clients, holds } = await ledger('loyalclient');
          const active = await trade.active();
          const providerNow = scene.now().getTime() + plan.skewMs;
          for (const { ref, points } of active) {
            const standing = holds.find((hold: { id: string }) => hold.id === ref);
            expect(standing).toMatchObject({ amount: points });
            expect(standing.until * 1_000).toBeGreaterThan(providerNow);
          }
          for (const client of clients) {
            const own = holds.filter((hold: { clientId: string }) => hold.clientId === client.id);
            const refs = own.map(({ id }: { id: string }) => id);
            const promised = active
              .filter(({ ref }) => refs.includes(ref))
              .reduce((sum, { points }) => sum + points, 0);
            expect(promised).toBeLessThanOrEqual(client.balance);
          }
        }
        await nothingStaysLive(trade);
      }),
      { numRuns: 12, seed: 7_001, endOnFailure: true },
    );
  }, 240_000);

  it('where the gateway keeps them: the balance covers all that is held', async () => {
    await fc.assert(
      fc.asyncProperty(day, async plan => {
        const trade = await opened('uds', plan);
        for (const next of plan.moments) {
          await trade.live(next);
          const balances = await udsBalances();
          for (const [customerId, held] of sums(await trade.active()))
            expect(held).toBeLessThanOrEqual(balances.get(customerId)!);
        }
        await nothingStaysLive(trade);
      }),
      { numRuns: 10, seed: 7_002, endOnFailure: true },
    );
  }, 240_000);
});

/** Points by our ids of the customers. */
async function udsBalances(): Promise<Map<string, number>> {
  const { customers } = (await ledger('uds')) as { customers: { uid: string; points: string }[] };
  const known: { customerId: string; value: string }[] = await scene.core.database.direct.query(
    `select customer_id as "customerId", value from customer_refs where connection_id = $1`,
    [shop.id],
  );
  return new Map(
    known.flatMap(({ customerId, value }) => {
      const found = customers.find(({ uid }) => uid === value);
      return found ? [[customerId, Number(found.points)] as const] : [];
    }),
  );
}

function sums(active: { points: number; customerId: string }[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const { points, customerId } of active) all.set(customerId, (all.get(customerId) ?? 0) + points);
  return all;
}
