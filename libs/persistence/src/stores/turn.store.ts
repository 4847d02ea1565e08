import type { Tx } from '../database.js';
import type { StoredOperation } from './operation-row.js';
import { changed } from './statement.js';

type InTurn = Pick<StoredOperation, 'id' | 'lane' | 'serialKey'>;

// A paused or deleted connection keeps nobody waiting.
const GOES = `its.state <> 'paused' and its.deleted_at is null`;

const olderThan = (
  mine: string,
): string => `from operations older join connections its on its.id = older.connection_id
  where older.lane = ${mine}.lane and older.serial_key = ${mine}.serial_key and older.state = 'queued'
    and (older.created_at, older.id) < (${mine}.created_at, ${mine}.id) and ${GOES}`;

const isBehindOlder = (mine: string): string => `exists (select 1 ${olderThan(mine)})`;

/**
 * SQL: whether the row named `mine` waits for an older queued one of its serial key: writes to one object leave in the order in which
 * they were accepted, or an older value would win. One that was sent already goes on, and a paused connection keeps nobody waiting.
 */
export const waitsItsTurn = (mine: string): string =>
  `(${mine}.serial_key is not null and not ${mine}.write_sent and ${isBehindOlder(mine)})`;

/** The operation because of which a queued one waits. */
export interface Ahead {
  /** `null` = another tenant's. */
  id: string | null;
  /** It was sent, and is neither settled nor just being sent: nobody knows when it ends. */
  open: boolean;
}

/** The order of operations that never run side by side (one serial key). */
export class TurnStore {
  /** Whether a queued operation waits for an older one. */
  async waits(tx: Tx, id: string): Promise<boolean> {
    const [row] = await tx.query(
      `select ${waitsItsTurn('mine')} as waits from operations mine where mine.id = $1 and mine.state = 'queued'`,
      [id],
    );
    return row?.waits ?? false;
  }

  /** What a queued operation waits for: one that was sent and has not ended, else the oldest queued one before it. */
  async ahead(tx: Tx, id: string): Promise<Ahead | undefined> {
    const [row] = await tx.query(
      `select case when other.tenant_id = mine.tenant_id then other.id end as id, other.open from operations mine cross join lateral (
         (select 1 as rank, o.id, o.tenant_id, o.state <> 'dispatching' as open from operations o
          where o.lane = mine.lane and o.serial_key = mine.serial_key and o.id <> mine.id
            and (o.state in ('dispatching','unknown') or (o.state = 'queued' and o.write_sent)))
         union all
         (select 2, older.id, older.tenant_id, false ${olderThan('mine')} order by older.created_at, older.id limit 1)) other
       where mine.id = $1 order by other.rank limit 1`,
      [id],
    );
    return row;
  }

  /** Adds to the timeline of a queued operation what it waits for, unless it is there already. */
  async noteWait(tx: Tx, id: string, detail: { note: string }): Promise<void> {
    await tx.query(
      `insert into operation_events (operation_id, tenant_id, state, detail)
       select o.id, o.tenant_id, o.state, $2::jsonb from operations o where o.id = $1 and o.state = 'queued'
         and not exists (select 1 from operation_events e where e.operation_id = o.id and e.detail = $2::jsonb)`,
      [id, JSON.stringify(detail)],
    );
  }

  /** Whether an operation, just claimed, has overtaken an older one that went back to the queue meanwhile. */
  async hasOvertaken(tx: Tx, id: string): Promise<boolean> {
    const [row] = await tx.query(
      `select ${isBehindOlder('mine')} as ahead from operations mine where mine.id = $1`,
      [id],
    );
    return row?.ahead ?? false;
  }

  /** As `hasOvertaken`, for a transaction that does not wait for the answer: it is refused (`isUnmet`, `in-turn`). */
  async overtakeNoneOrRefuse(tx: Tx, id: string): Promise<void> {
    await tx.query(
      `select expected(not ${isBehindOlder('mine')}, 'in-turn') from operations mine where mine.id = $1`,
      [id],
    );
  }

  /** Whether a new operation with this serial key would have to wait for a queued one. */
  async isLine(tx: Tx, { lane, serialKey }: Omit<InTurn, 'id'>): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `select 1 from operations o join connections its on its.id = o.connection_id and ${GOES}
       where o.lane = $1 and o.serial_key = $2 and o.state = 'queued' limit 1`,
      [lane, serialKey],
    );
    return rows.length > 0;
  }

  /** Makes the oldest queued operation with the same serial key due now: the one before it has ended. True = there was one that slept. */
  async wakeNext(tx: Tx, { id, lane, serialKey }: InTurn): Promise<boolean> {
    return changed(
      tx,
      `update operations set wake_at = now() where state = 'queued' and wake_at > now() and id = (
         select o.id from operations o join connections its on its.id = o.connection_id and ${GOES}
         where o.lane = $1 and o.serial_key = $2 and o.state = 'queued' and o.id <> $3
         order by o.created_at, o.id limit 1 for update of o skip locked)`,
      [lane, serialKey, id],
    );
  }
}
