import { currentHold, execute, holdKind, holdView, purchaseKind, releaseKind, submit } from '#outbound';
import type { Core, Kind, Lanes, OpenConnection, WriteAnswer } from '#outbound';
import type { Hold } from '#canonical';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { randomUUID } from 'node:crypto';

export const rub = (amount: string) => ({ amount, currency: 'RUB' });

/** A customer, as a request names them. */
export type Who = { customerId: string } | { identifier: { type: string; value: string } };
/** Customers of the simulator. */
export const anna: Who = { identifier: { type: 'phone', value: '+79031234567' } };
export const maria: Who = { identifier: { type: 'code', value: '007007' } };
export const oleg: Who = { identifier: { type: 'code', value: '700700' } };

// Starts are not throttled: lanes have their own specs.
const freeLanes = (lanes: Lanes): Lanes => ({
  begin: async () => undefined,
  enter: async lane => ({
    granted: true,
    fingerprint: lane.fingerprint,
    stamp: 0,
    waitedMs: 0,
    dueAt: performance.now(),
    startsLeft: 5,
  }),
  again: async slot => slot,
  giveBack: () => undefined,
  sent: () => undefined,
  pause: async () => undefined,
  use: asked => lanes.use(asked),
  close: async () => undefined,
});

/** Tills of one merchant, with a clock that the test moves. */
export class Scene {
  #offsetMs = 0;
  #stillAt: number | undefined;
  #orders = 0;
  world!: World;
  core!: Core;

  static async open(options: Record<string, unknown> = {}): Promise<Scene> {
    const scene = new Scene();
    scene.world = await startWorld({
      sandbox: { options, clock: () => scene.#real() },
      now: () => new Date(scene.#real() + scene.#offsetMs),
    });
    scene.core = { ...scene.world.core, lanes: freeLanes(scene.world.core.lanes) };
    return scene;
  }

  /** Another connection with the key of this one, or with another key to the merchant's own address. */
  async beside(
    connection: OpenConnection,
    by: 'the same key' | 'the same address' = 'the same key',
  ): Promise<OpenConnection> {
    const other = await this.world.connect(connection.provider, connection.settings);
    const { direct } = this.core.database;
    await (by === 'the same key'
      ? direct.query('update connections set lane = $2 where id = $1', [
          other.id,
          connection.lane.fingerprint,
        ])
      : direct.query('update connections set own_site = id in ($1, $2)', [other.id, connection.id]));
    return this.world.reopen(other);
  }

  now(): Date {
    return this.core.now();
  }

  #real(): number {
    return this.#stillAt ?? Date.now();
  }

  /** Reads everything at one moment: no hold expires in between. */
  async inOneMoment<T>(look: () => Promise<T>): Promise<T> {
    this.#stillAt = Date.now();
    try {
      return await look();
    } finally {
      this.#stillAt = undefined;
    }
  }

  /** Advances time here and at the provider, whose clock is `skewMs` ahead of ours. */
  async pass(seconds: number, skewMs = 0): Promise<void> {
    this.#offsetMs += seconds * 1_000;
    await this.world.control('clock', { offsetMs: this.#offsetMs + skewMs });
  }

  write(
    kind: Kind,
    connection: OpenConnection,
    body: unknown,
    params: Record<string, string> = {},
    waitMs = 25_000,
  ) {
    return submit(this.core, { kind, connection, body, params, idempotencyKey: randomUUID(), waitMs });
  }

  hold(
    connection: OpenConnection,
    who: Who,
    more: { points: string; durationSeconds?: number; locationId?: string },
    waitMs?: number,
  ) {
    return this.write(holdKind, connection, { ...who, ...more }, {}, waitMs);
  }

  /** Makes a hold and expects success. */
  async held(...asked: Parameters<Scene['hold']>): Promise<Hold> {
    const answer = await this.hold(...asked);
    if (answer.status !== 201) throw new Error(`No hold: ${JSON.stringify(answer.body)}`);
    return answer.body as Hold;
  }

  buy(
    connection: OpenConnection,
    who: Who,
    {
      total = '100.00',
      redeem = '0',
      waitMs,
      ...more
    }: { total?: string; redeem?: string; holdIds?: string[]; locationId?: string; waitMs?: number } = {},
  ): Promise<WriteAnswer> {
    const receipt = { total: rub(total), redeemPoints: redeem };
    const body = { ...who, merchantReference: `order-${++this.#orders}`, receipt, ...more };
    return this.write(purchaseKind, connection, body, {}, waitMs);
  }

  /** A sale whose one attempt has ended, however slow the machine is: a lost answer is `unknown` then. */
  async attempt(...[connection, who, sale]: Parameters<Scene['buy']>): Promise<WriteAnswer> {
    const answer = await this.buy(connection, who, { ...sale, waitMs: 0 });
    await execute(this.core, answer.operationId!, { laneBudgetMs: 20_000 });
    return answer;
  }

  release(connection: OpenConnection, holdId: string, waitMs?: number): Promise<WriteAnswer> {
    return this.write(releaseKind, connection, { reason: 'customer left' }, { holdId }, waitMs);
  }

  /** A hold as `GET /v1/holds/{id}` shows it. */
  async read(id: string): Promise<Hold> {
    const stored = await this.core.stores.holds.byId(this.core.database.direct, id);
    return holdView(await currentHold(this.core, stored!));
  }

  /** The events of a hold in sequence order; expects no gap. */
  async told(id: string): Promise<string[]> {
    const events: { type: string; sequence: number }[] = await this.core.database.direct.query(
      'select type, sequence from events where resource_id = $1 order by sequence',
      [id],
    );
    events.forEach(({ sequence }, index) => {
      if (sequence !== index + 1) throw new Error(`A gap before ${sequence}.`);
    });
    return events.map(({ type }) => type);
  }

  close(): Promise<void> {
    return this.world.close();
  }
}
