import type { Tx } from '../database.js';
import type { StoredConnection } from './connection.store.js';
import type { StoredOperation } from './operation-row.js';
import { updated } from './statement.js';

/** What the sweep reads of an operation. */
export type SweptOperation = Pick<
  StoredOperation,
  'id' | 'state' | 'kind' | 'lane' | 'lastSentAt' | 'leaseUntil'
>;

const SWEPT = `id, state, kind, lane, last_sent_at as "lastSentAt", lease_until as "leaseUntil"`;

/** When operations are looked at again; changes no state. */
export class WakeStore {
  /** Running and unknown rows whose wake-up is due, oldest first; queued ones are read by lane (`BacklogStore`). The unknown ones are the caller's for `againMs`: whoever asks at the same time, or meanwhile, gets others. */
  async takeDue(tx: Tx, limit: number, againMs: number): Promise<SweptOperation[]> {
    return tx.query(
      `with due as materialized (
         select ${SWEPT} from operations
         where state in ('dispatching','unknown') and wake_at <= now() order by wake_at limit $1 for update skip locked),
       taken as (
         update operations o set wake_at = now() + $2 * interval '1 millisecond' from due where o.id = due.id and due.state = 'unknown')
       select * from due`,
      [limit, againMs],
    );
  }

  /** An unknown row, whether it is due or not; `undefined` in any other state. */
  async unknown(tx: Tx, id: string): Promise<SweptOperation | undefined> {
    const rows: SweptOperation[] = await tx.query(
      `select ${SWEPT} from operations where id = $1 and state = 'unknown'`,
      [id],
    );
    return rows[0];
  }

  /** Changes a wake-up, of queued and unknown rows only. */
  async at(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.query(`update operations set wake_at = $2 where id = $1 and state in ('queued','unknown')`, [
      id,
      at,
    ]);
  }

  /** Makes the queued rows of a connection due: they were put off while it was paused. Where the provider wants a pause, their lane keeps it. */
  async resumed(tx: Tx, { id, lane }: Pick<StoredConnection, 'id' | 'lane'>): Promise<void> {
    await tx.query(
      `update operations set wake_at = now() where lane = $2 and connection_id = $1 and state = 'queued' and wake_at > now()`,
      [id, lane],
    );
  }

  /** Postpones the look-ups of unknown rows that nobody has claimed, until their provider answers again (`wakePostponed`) or their time comes. */
  async postpone(tx: Tx, rows: { id: string; until: Date }[]): Promise<void> {
    await tx.query(
      `update operations o set wake_at = a.until, updated_at = now(),
         reconcile = o.reconcile || jsonb_build_object('held', true, 'nextAt', a.shown)
       from unnest($1::text[], $2::timestamptz[], $3::text[]) as a(id, until, shown)
       where o.id = a.id and o.state = 'unknown' and (o.lease_until is null or o.lease_until < now())`,
      [
        rows.map(({ id }) => id),
        rows.map(({ until }) => until),
        rows.map(({ until }) => until.toISOString()),
      ],
    );
  }

  /** Wakes the unknown operations of a lane whose look was postponed because their provider did not answer (`reconcile.held`); returns their ids. */
  async wakePostponed(tx: Tx, lane: string): Promise<string[]> {
    const rows = await updated(
      tx,
      `update operations set wake_at = now() where lane = $1 and state = 'unknown' and wake_at > now()
         and (lease_until is null or lease_until < now()) and reconcile->'held' = 'true' returning id`,
      [lane],
    );
    return rows.map(({ id }) => id);
  }
}
