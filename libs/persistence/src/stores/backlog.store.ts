import type { Tx } from '../database.js';
import type { StoredConnection } from './connection.store.js';
import type { StoredOperation } from './operation-row.js';
import { isUniqueViolation } from './statement.js';

/** A queued operation that is due. */
export type DueOperation = Pick<StoredOperation, 'id' | 'laneClass' | 'connectionId'>;

/** The position of a queued operation, and what its wait is estimated from. */
export interface Place {
  /** Queued operations of its lane that start before it. */
  position: number;
  /** It does not start, whatever its position: its connection is paused, or a like one before it has to be known first. */
  blocked: boolean;
  provider: string;
  /** The limit set by the merchant, if any. */
  requestsPerSecond: number | null;
}

/** How many operations of one connection and class are in one state. */
export interface Depth {
  lane: string;
  connectionId: string;
  laneClass: string;
  state: string;
  count: number;
  /** Their connection is paused: they wait for a person. */
  paused: boolean;
}

/** Operations queued in lanes, in the order of their start: interactive, write, bulk; oldest first. */
export class BacklogStore {
  /** Lanes with a due operation; each costs two index steps, however long its backlog is. */
  async dueLanes(tx: Tx, limit: number): Promise<string[]> {
    const rows: { lane: string }[] = await tx.query(
      `with recursive lanes(lane) as (
         (select lane from operations where state = 'queued' order by lane limit 1)
         union all
         select (select o.lane from operations o where o.state = 'queued' and o.lane > l.lane order by o.lane limit 1)
         from lanes l where l.lane is not null)
       select l.lane from lanes l where l.lane is not null
         and exists (select 1 from operations o where o.lane = l.lane and o.state = 'queued' and o.wake_at <= now()) limit $1`,
      [limit],
    );
    return rows.map(row => row.lane);
  }

  /** The next due operations of a lane, without `except` and without those of paused connections (unless they have expired). */
  async next(tx: Tx, lane: string, limit: number, except: readonly string[]): Promise<DueOperation[]> {
    return tx.query(
      `select id, lane_class as "laneClass", connection_id as "connectionId"
       from (${classes.map(dueOfClass).join(' union all ')}) due
       order by rank, created_at, id limit $2`,
      [lane, limit, except],
    );
  }

  /** When the next queued operation of a lane becomes due, in milliseconds from now (0 = now); `undefined` = none is queued. */
  async nextWakeMs(tx: Tx, lane: string): Promise<number | undefined> {
    const [row] = await tx.query(
      `select greatest(0, extract(epoch from o.wake_at - clock_timestamp()) * 1000)::float8 as ms
       from operations o join connections c on c.id = o.connection_id and c.state <> 'paused'
       where o.lane = $1 and o.state = 'queued' and o.wake_at is not null order by o.wake_at limit 1`,
      [lane],
    );
    return row?.ms;
  }

  /** The position of a queued operation; `undefined` once its connection is deleted. */
  async place(
    tx: Tx,
    operation: Pick<StoredOperation, 'id' | 'lane' | 'laneClass' | 'connectionId'>,
  ): Promise<Place | undefined> {
    const [row] = await tx.query(
      `select c.provider, c.requests_per_second as "requestsPerSecond", c.state = 'paused' or ${IS_BEHIND_OPEN} as blocked,
         (select count(*)::int from operations q where q.lane = $2 and q.state = 'queued'
            and q.connection_id <> all(array(select p.id from connections p where p.lane = $2 and p.state = 'paused' and p.deleted_at is null))
            and (array_position($5::text[], q.lane_class), q.id) < (array_position($5::text[], $3), $4)) as position
       from connections c where c.id = $1`,
      [operation.connectionId, operation.lane, operation.laneClass, operation.id, classes],
    );
    return row;
  }

  /** How many operations of a connection have been sent and not been told of: they run, are unknown, or are to be repeated. */
  async inDoubt(tx: Tx, connectionId: string): Promise<number> {
    const [row] = await tx.query(
      `select count(*)::int as count from operations
       where connection_id = $1 and state in ('queued','dispatching','unknown') and (state <> 'queued' or write_sent)`,
      [connectionId],
    );
    return row.count;
  }

  /** Moves a connection's open operations to its new lane: those that may not run side by side wait for each other by lane. False = one of them would meet its like there; the transaction is aborted then. */
  async moveLane(tx: Tx, { id, lane }: Pick<StoredConnection, 'id' | 'lane'>): Promise<boolean> {
    try {
      await tx.query(`update operations set lane = $2 where connection_id = $1 and finished_at is null`, [
        id,
        lane,
      ]);
      return true;
    } catch (error) {
      if (isUniqueViolation(error, 'operations_serial')) return false;
      throw error;
    }
  }

  /** Queued and running operations by lane, connection and class, of one tenant. */
  async depths(tx: Tx, tenantId: string): Promise<Depth[]> {
    return tx.query(
      `select d.*, c.state = 'paused' as paused
       from (select lane, connection_id as "connectionId", lane_class as "laneClass", state, count(*)::int as count from operations
         where tenant_id = $1 and state in ('queued','dispatching','unknown') group by 1, 2, 3, 4) d
       join connections c on c.id = d."connectionId"`,
      [tenantId],
    );
  }
}

const classes = ['interactive', 'write', 'bulk'];

// A like one that was sent, and is neither settled nor just being sent.
const IS_BEHIND_OPEN = `exists (
  select 1 from operations mine join operations other on other.lane = mine.lane and other.serial_key = mine.serial_key
  where mine.id = $4 and other.id <> mine.id and (other.state = 'unknown' or (other.state = 'queued' and other.write_sent)))`;

// One branch per class: each reads its own part of the index and stops, so that a long backlog is never sorted.
const dueOfClass = (laneClass: string, rank: number): string =>
  `(select o.id, o.lane_class, o.connection_id, o.created_at, ${rank} as rank
    from operations o join connections c on c.id = o.connection_id
    where o.lane = $1 and o.lane_class = '${laneClass}' and o.state = 'queued' and o.wake_at <= now()
      and (c.state <> 'paused' or o.expires_at <= now()) and o.id <> all($3)
    order by o.created_at limit $2)`;
