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
import { neverPlayed } from './expected.js';
import { Wire } from './wire.js';

const ENOUGH_MS = 30_000;

/** A line of a provider's journal, with the fields that the matrix uses. */
export interface Line extends JournalLine {
  seq: number;
  query: string;
  fault?: string;
}

/** A world in which each provider is tested in turn. */
export interface MatrixWorld extends World {
  /** The address of its lane store. */
  lanesStore: Redis;
  /** Unused accounts, for the next cell. */
  idle: Company[];
}

/** Starts a world for the cells of one provider. */
export async function startMatrixWorld(): Promise<MatrixWorld> {
  const world = await startWorld({ sandbox: { only: [] } });
  const lanesStore = new Redis(await redisUrl());
  // A new store pauses every lane for a second, too long for a cell.
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
  /** An earlier cell's account may be reused: it has no stored state. */
  sameAccount?: boolean;
  /** Every call uses its own connection, to its own sandbox. */
  alone?: boolean;
}

/** One cell of the matrix: its own account and provider, a breakable connection, and time advanced by hand. */
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

  /** Takes an idle sandbox, reset. One whose port will be closed is not shared, since others have open sockets to it. */
  static async open(world: MatrixWorld, provider: string, how: StageChoice = {}): Promise<Stage> {
    const known = how.alone ? undefined : world.idle.pop();
    const sandbox = known?.sandbox ?? (await startSandbox({ only: [provider], controlPort: 0, seed: 1 }));
    const reused = how.sameAccount ? known : undefined;
    const company = reused ?? (await companyIn(world, provider, sandbox, how.settings));
    const stage = new Stage(world, company, how.alone ?? false);
    await stage.reset();
    return stage;
  }

  /** The provider in its initial state. */
  async reset(): Promise<void> {
    const { provider } = this.connection;
    // Calls minutes apart by this stage's clock arrive within one second at the provider.
    await this.company.control('reset', { provider, seed: 1, rateLimit: { [provider]: false } });
    this.#from = 0;
    this.wire.reset();
  }

  get connection(): OpenConnection {
    return this.company.connection;
  }

  /** Prepares the state; unless done, the cell shows nothing. */
  async done(kind: Kind, body: unknown, params: Record<string, string> = {}): Promise<any> {
    const answer = await this.ask(kind, body, params, ENOUGH_MS);
    if (answer.status === 200 || answer.status === 201) return answer.body;
    const said = `${kind.operation}: ${answer.status} ${JSON.stringify(answer.body)}`;
    throw new Error(`set-up failed, and ${neverPlayed}: ${said}`);
  }

  /** A write as REST passes it to the core; all its work has ended when this returns. */
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

  /** Starts the play: earlier calls are not counted. */
  async begin(): Promise<void> {
    await this.rest();
    await this.freeLane();
    this.#from = (await this.#lines()).at(-1)?.seq ?? 0;
  }

  /** The provider's journal since the start of the play. */
  async journal(): Promise<Line[]> {
    return (await this.#lines()).filter(({ seq }) => seq > this.#from);
  }

  async #lines(): Promise<Line[]> {
    return (await this.company.journal()) as Line[];
  }

  async row(id: string): Promise<StoredOperation> {
    return (await this.core.stores.operations.byId(this.core.database.direct, id))!;
  }

  /** Makes the row due, and moves its stored times back accordingly. */
  async wakeUp({ id, wakeAt }: StoredOperation): Promise<void> {
    const ms = Math.max(0, (wakeAt?.getTime() ?? 0) - Date.now());
    await this.core.database.source.query(
      `update operations set wake_at = now(), first_sent_at = first_sent_at - $2 * interval '1 millisecond',
         last_sent_at = last_sent_at - $2 * interval '1 millisecond' where id = $1`,
      [id, ms],
    );
    await this.core.database.source.query(
      `update holds set expires_at = expires_at - $2 * interval '1 millisecond' where operation_id = $1`,
      [id, ms],
    );
    await this.freeLane();
  }

  /** An idle lane without a pause. */
  async freeLane(): Promise<void> {
    const { prefix = '' } = this.world.settings;
    await this.world.lanesStore.del(`${prefix}{lane}:${this.connection.lane.fingerprint}`);
  }

  /** Executes what the provider still has in progress. */
  async lateEffects(): Promise<void> {
    await this.company.control('clock', { offsetMs: 6_000 });
    await this.company.control('clock', { offsetMs: 0 });
  }

  async close(): Promise<void> {
    if (this.alone) return this.company.sandbox.close();
    this.world.idle.push(this.company);
  }
}
