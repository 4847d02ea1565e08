import type { Pool, QueryResultRow } from 'pg';
import { LaneGate } from './lane-gate.js';
import type { LaneLook, LaneReply, LaneStore } from './lane-store.js';
import type { Lane, LaneUse } from './lanes.js';
import { INTERACTIVE_MEMORY_US, scriptArguments, startsRemembered, type LaneTerms } from './lane-rules.js';

/** The lanes in Postgres, for the embedded default: the tables and functions that `prepareLanes` makes must be there already. */
export class PostgresLanes extends LaneGate {
  /** The pool stays the caller's; `timeoutMs` is how long the store may take before nothing is sent, 500 unless told. */
  constructor(pool: Pool, timeoutMs?: number) {
    super(new PostgresLaneStore(pool), timeoutMs);
  }
}

// Postgres lets no row expire by itself.
const SWEEP_EVERY_MS = 5_000;

interface EnterRow {
  granted: boolean;
  wait: string;
  stamp: string;
  free: string;
  back: string;
  used: number;
}

/** The store of `PostgresLanes`. */
export class PostgresLaneStore implements LaneStore {
  readonly atOnce: number;
  readonly #pool: Pool;
  readonly #sweep: NodeJS.Timeout;

  constructor(pool: Pool) {
    this.atOnce = pool.options.max;
    this.#pool = pool;
    this.#sweep = setInterval(() => void this.#forgetIdle(), SWEEP_EVERY_MS).unref();
  }

  async begin(): Promise<void> {
    await this.#pool.query('insert into lane_epoch (born) values (lane_now()) on conflict do nothing');
  }

  async ask(fingerprint: string, terms: LaneTerms): Promise<LaneReply> {
    const values = [fingerprint, ...scriptArguments(terms)];
    const { row, sentAt } = await this.#question<EnterRow>(
      'select granted, wait, stamp, free, back, used from lane_enter($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
      values,
    );
    return {
      granted: row.granted,
      waitUs: Number(row.wait),
      stamp: Number(row.stamp),
      freeUs: Number(row.free),
      backUs: Number(row.back),
      used: row.used,
      sentAt,
    };
  }

  async look({ fingerprint, perMs }: Lane, stamp: number, givenAt: number): Promise<LaneLook> {
    const { row, sentAt } = await this.#question<{ stands: boolean; wait: string }>(
      'select stands, wait from lane_look($1, $2, $3, $4)',
      [fingerprint, perMs * 1_000, stamp, givenAt],
    );
    return { stands: row.stands, waitUs: Number(row.wait), sentAt };
  }

  async move(lane: Lane, from: number, to: number): Promise<void> {
    const values = [lane.fingerprint, startsRemembered(lane), lane.perMs * 1_000, from, to];
    await this.#pool.query('select lane_move($1, $2, $3, $4, $5)', values);
  }

  async pause({ fingerprint, perMs }: Lane, ms: number): Promise<void> {
    await this.#pool.query('select lane_pause($1, $2, $3)', [fingerprint, perMs * 1_000, ms * 1_000]);
  }

  async use(lanes: Lane[]): Promise<LaneUse[]> {
    const { rows } = await this.#pool.query<LaneUse>(
      `select asked.fingerprint as "fingerprint",
         (select count(*) from unnest(l.starts) s where s > m.moment - asked.per)::int as "slotsUsed",
         ceil(greatest(0, coalesce(l.not_before, 0) - m.moment) / 1000.0)::int as "pausedMs",
         coalesce(l.last[1], 0) > m.moment - ${INTERACTIVE_MEMORY_US} as "people"
       from (select lane_now() as moment) m,
         unnest($1::text[], $2::bigint[]) with ordinality asked(fingerprint, per, place)
         left join lane_log l on l.fingerprint = asked.fingerprint
       order by asked.place`,
      [lanes.map(lane => lane.fingerprint), lanes.map(lane => lane.perMs * 1_000)],
    );
    return rows;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
  }

  async #question<Row extends QueryResultRow>(text: string, values: unknown[]) {
    const client = await this.#pool.connect();
    let failure: Error | undefined;
    try {
      // After the wait for a free connection, which says nothing about the age of the answer.
      const sentAt = performance.now();
      const { rows } = await client.query<Row>(text, values);
      if (!rows[0]) throw new Error('A function of the lanes answered without a row.');
      return { row: rows[0], sentAt };
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.release(failure);
    }
  }

  async #forgetIdle(): Promise<void> {
    const idle = `select fingerprint from lane_log where expires_at < lane_now() for update skip locked limit 10000`;
    // A sweep that fails is made up by the next; only the room of idle rows depends on it.
    await this.#pool.query(`delete from lane_log where fingerprint in (${idle})`).catch(() => undefined);
  }
}
