import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Background, submit } from '#outbound';
import type { Core, Kind, OpenConnection, WriteAnswer } from '#outbound';
import type { StoredOperation } from '#persistence';
import { ReadCache } from '../../../libs/outbound/src/reads/read-cache.js';
import { startSandbox } from '../../../apps/sandbox/src/sandbox.js';
import { companyIn } from '../../chaos/companies.js';
import type { Company } from '../../chaos/companies.js';
import { redisUrl } from '../../support/redis.js';
import { startWorld } from '../../support/world.js';
import type { JournalLine, World } from '../../support/world.js';
import { Wire } from './wire.js';

const ENOUGH_MS = 30_000;

/** A line of a provider's journal, as far as the matrix looks at it. */
export interface Line extends JournalLine {
  seq: number;
  query: string;
  fault?: string;
}

/** A world in which provider after provider is broken. */
export interface MatrixWorld extends World {
  /** Where its lanes lie. */
  lanesStore: Redis;
  /** Accounts at rest, for the next cell. */
  idle: Company[];
}

/** Starts a world for the cells of one provider. */
export async function startMatrixWorld(): Promise<MatrixWorld> {
  const world = await startWorld({ sandbox: { only: [] } });
  const lanesStore = new Redis(await redisUrl());
  // A store that is new to the gateway holds every lane for a second; no cell has time for that.
  await world.core.lanes.enter({ fingerprint: 'any', requests: 5, perMs: 1_000 }, 'interactive', ENOUGH_MS);
  const idle: Company[] = [];
  const close = async () => {
    lanesStore.disconnect();
    await world.close();
    await Promise.all(idle.map(({ sandbox }) => sandbox.close()));
  };
  return { ...world, lanesStore, idle, close };
}

/** How a cell is set up. */
export interface StageChoice {
  settings?: Record<string, unknown>;
  /** The account of an earlier cell will do: nothing of it is stored. */
  sameAccount?: boolean;
  /** Every call comes over a connection of its own, to a sandbox of its own. */
  alone?: boolean;
}

/** One cell of the matrix: an account and a provider of its own, a wire that can be broken, and time that passes by hand. */
export class Stage {
  readonly wire: Wire;
  readonly core: Core;
  #from = 0;

  private constructor(
    readonly world: MatrixWorld,
    readonly company: Company,
    readonly alone: boolean,
  ) {
    const { core } = world;
    this.wire = new Wire(core.send, company, alone);
    this.core = { ...core, send: this.wire, background: new Background(), cache: new ReadCache(core.now) };
  }

  /** Takes a sandbox that is at rest, as new. One whose port is to be shut is not used by others, whose sockets stand open. */
  static async open(world: MatrixWorld, provider: string, how: StageChoice = {}): Promise<Stage> {
    const known = how.alone ? undefined : world.idle.pop();
    const sandbox = known?.sandbox ?? (await startSandbox({ only: [provider], controlPort: 0, seed: 1 }));
    const reused = how.sameAccount ? known : undefined;
    const company = reused ?? (await companyIn(world, provider, sandbox, how.settings));
    const stage = new Stage(world, company, how.alone ?? false);
    await stage.reset();
    return stage;
  }

  /** The provider as at its start. */
  async reset(): Promise<void> {
    const { provider } = this.connection;
    // Calls that are minutes apart by the clock of this stage come within one second of the provider's.
    await this.company.control('reset', { provider, seed: 1, rateLimit: { [provider]: false } });
    this.#from = 0;
    this.wire.reset();
  }

  get connection(): OpenConnection {
    return this.company.connection;
  }

  /** What must stand before the play begins: done, or the play ends here. */
  async done(kind: Kind, body: unknown, params: Record<string, string> = {}): Promise<any> {
    const answer = await this.ask(kind, body, params, ENOUGH_MS);
    if (answer.status >= 300) throw new Error(`${kind.kind}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A write as REST hands it over; whatever it started has come to rest when this returns. */
  async ask(kind: Kind, body: unknown, params: Record<string, string>, waitMs: number): Promise<WriteAnswer> {
    const { core, connection } = this;
    const answer = await submit(core, {
      kind,
      connection,
      body,
      params,
      idempotencyKey: randomUUID(),
      waitMs,
    });
    await this.rest();
    return answer;
  }

  async rest(): Promise<void> {
    const left = await this.core.background.drain(ENOUGH_MS);
    if (left > 0) throw new Error('An attempt never came to rest.');
  }

  /** The play begins: what was called before is forgotten. */
  async begin(): Promise<void> {
    await this.rest();
    await this.freeLane();
    this.#from = (await this.#lines()).at(-1)?.seq ?? 0;
  }

  /** What the provider saw since the play began. */
  async journal(): Promise<Line[]> {
    return (await this.#lines()).filter(({ seq }) => seq > this.#from);
  }

  async #lines(): Promise<Line[]> {
    return (await this.company.journal()) as Line[];
  }

  async row(id: string): Promise<StoredOperation> {
    return (await this.core.stores.operations.byId(this.core.database.direct, id))!;
  }

  /** The row's wake-up comes: everything that it remembers lies so much further back. */
  async wakeUp({ id, wakeAt }: StoredOperation): Promise<void> {
    const ms = Math.max(0, (wakeAt?.getTime() ?? 0) - Date.now());
    await this.core.database.source.query(
      `update operations set wake_at = now(), first_sent_at = first_sent_at - $2 * interval '1 millisecond',
         last_sent_at = last_sent_at - $2 * interval '1 millisecond' where id = $1`,
      [id, ms],
    );
    await this.freeLane();
  }

  /** The lane as it is when nothing was sent for a while and no pause holds it. */
  async freeLane(): Promise<void> {
    const { prefix = '' } = this.world.settings;
    await this.world.lanesStore.del(`${prefix}{lane}:${this.connection.lane.fingerprint}`);
  }

  /** What the provider still had in hand is carried out. */
  async lateEffects(): Promise<void> {
    await this.company.control('clock', { offsetMs: 6_000 });
    await this.company.control('clock', { offsetMs: 0 });
  }

  async close(): Promise<void> {
    if (this.alone) return this.company.sandbox.close();
    this.world.idle.push(this.company);
  }
}
