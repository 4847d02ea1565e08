import type { Pool, QueryResultRow } from 'pg';
import { Batches } from './batches.js';
import { LaneGate } from './lane-gate.js';
import type { GivenStart, LaneLook, LaneReply, LaneStore } from './lane-store.js';
import type { Lane, LaneUse } from './lanes.js';
import {
  burstUs,
  INTERACTIVE_MEMORY_US,
  scriptArguments,
  startsRemembered,
  type LaneTerms,
} from './lane-rules.js';

/** The lanes in Postgres, for the embedded default: the tables and functions that `prepareLanes` makes must be there already. */
export class PostgresLanes extends LaneGate {
  /** The pool stays the caller's; `timeoutMs` is how long the store may take before nothing is sent, 500 unless told. */
  constructor(pool: Pool, timeoutMs?: number) {
    super(new PostgresLaneStore(pool), timeoutMs);
  }
}

// Postgres lets no row expire by itself.
const SWEEP_EVERY_MS = 5_000;

/** Questions of one statement: their rows' locks are held for a few milliseconds. */
const BATCH = 8;
/** Moved stamps of one statement. A stamp must be moved before its window is over: on a busy machine nearly every send is late, so this must be faster than the questions are. */
const MOVES = 32;
const MOVES_AT_ONCE = 2;

const ENTER = `
select e.granted, e.wait, e.stamp, e.free, e.back, e.used, e.moment
from unnest($1::text[], $2::int[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::int[], $10::bigint[], $11::bigint[], $12::int[], $13::bigint[])
  with ordinality as a(fingerprint, keep, per, class, horizon, budget, spacing, age, reserve, phase, unused, most, not_after, place)
  cross join lateral lane_enter(a.fingerprint, a.keep, a.per, a.class, a.horizon, a.budget, a.spacing, a.age,
    a.reserve, a.phase, a.unused, a.most, a.not_after) e
order by a.place`;

const MOVE = `
select lane_move(a.fingerprint, a.keep, a.per, a.was, a.goes)
from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[]) as a(fingerprint, keep, per, was, goes)`;

/** A question or a moved stamp: the lane, and the function's other arguments. */
interface Call {
  fingerprint: string;
  values: number[];
}

interface EnterRow {
  granted: boolean;
  wait: string;
  stamp: string;
  free: string;
  back: string;
  used: number;
  moment: string;
}

/** The store of `PostgresLanes`. */
export class PostgresLaneStore implements LaneStore {
  readonly atOnce: number;
  readonly #pool: Pool;
  readonly #sweep: NodeJS.Timeout;
  readonly #asks: Batches<Call, LaneReply>;
  readonly #moves: Batches<Call, void>;

  constructor(pool: Pool) {
    const { max } = pool.options;
    this.atOnce = max * BATCH;
    this.#pool = pool;
    this.#asks = new Batches({ atOnce: max, size: BATCH }, calls => this.#enter(calls));
    this.#moves = new Batches({ atOnce: MOVES_AT_ONCE, size: MOVES }, calls => this.#move(calls));
    this.#sweep = setInterval(() => void this.#forgetIdle(), SWEEP_EVERY_MS).unref();
  }

  async begin(): Promise<void> {
    await this.#pool.query('insert into lane_epoch (born) values (lane_now()) on conflict do nothing');
  }

  ask(fingerprint: string, terms: LaneTerms): Promise<LaneReply> {
    return this.#asks.ask({ fingerprint, values: scriptArguments(terms) });
  }

  async #enter(calls: Call[]): Promise<LaneReply[]> {
    const order = inLockOrder(calls);
    const { rows, sentAt } = await this.#question<EnterRow>(ENTER, columnsOf(order));
    const replies = new Map(order.map((call, i) => [call, replyOf(rows[i]!, sentAt)]));
    return calls.map(call => replies.get(call)!);
  }

  async look(lane: Lane, { stamp, givenAt, latest }: GivenStart): Promise<LaneLook> {
    const { rows, sentAt } = await this.#question<{ stands: boolean; wait: string; stamp: string }>(
      'select stands, wait, stamp from lane_look($1, $2, $3, $4, $5, $6)',
      [lane.fingerprint, startsRemembered(lane), burstUs(lane), stamp, givenAt, latest],
    );
    const [look] = rows;
    return { stands: look!.stands, waitUs: Number(look!.wait), stamp: Number(look!.stamp), sentAt };
  }

  move(lane: Lane, from: number, to: number): Promise<void> {
    const values = [startsRemembered(lane), lane.perMs * 1_000, from, to];
    return this.#moves.ask({ fingerprint: lane.fingerprint, values });
  }

  async #move(calls: Call[]): Promise<void[]> {
    await this.#pool.query(MOVE, columnsOf(inLockOrder(calls)));
    return calls.map(() => undefined);
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
       from unnest($1::text[], $2::bigint[]) with ordinality asked(fingerprint, per, place)
         left join lane_log l on l.fingerprint = asked.fingerprint
         cross join lateral (select greatest(lane_now(), l.saved_at) as moment) m
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
      return { rows, sentAt };
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

// Two statements that lock several lanes must lock them in one order, or they could wait for each other.
const inLockOrder = (calls: Call[]): Call[] =>
  calls.toSorted(
    (one, other) => Number(one.fingerprint > other.fingerprint) - Number(one.fingerprint < other.fingerprint),
  );

/** One array for each argument, as `unnest` takes them. */
const columnsOf = (calls: Call[]): unknown[][] => [
  calls.map(({ fingerprint }) => fingerprint),
  ...calls[0]!.values.map((_, column) => calls.map(({ values }) => values[column])),
];

const replyOf = (
  { granted, wait, stamp, free, back, used, moment }: EnterRow,
  sentAt: number,
): LaneReply => ({
  granted,
  waitUs: Number(wait),
  stamp: Number(stamp),
  freeUs: Number(free),
  backUs: Number(back),
  used,
  at: Number(moment),
  sentAt,
});
