import type { ConnectionState } from '#canonical';
import type { Tx } from '../database.js';
import { updated } from './statement.js';

/** Which lanes are saturated and which are in trouble; of concurrent processes only one is told of a change. */
export class LaneStateStore {
  /** Records that a caller was refused at `at`; true = the lane was not saturated before. */
  async saturate(tx: Tx, lane: string, at: Date): Promise<boolean> {
    const begun: unknown[] = await tx.query(
      `insert into lane_states as s (lane, saturated_at, refused_at) values ($1, $2, $2)
       on conflict (lane) do update set saturated_at = $2, refused_at = $2 where s.saturated_at is null returning lane`,
      [lane, at],
    );
    if (begun.length === 1) return true;
    await tx.query(`update lane_states set refused_at = greatest(refused_at, $2) where lane = $1`, [
      lane,
      at,
    ]);
    return false;
  }

  /** Records that the lane is in trouble until a time; true = it was not before. */
  async degrade(tx: Tx, lane: string, until: Date): Promise<boolean> {
    const begun: unknown[] = await tx.query(
      `insert into lane_states as s (lane, degraded_until) values ($1, $2)
       on conflict (lane) do update set degraded_until = $2 where s.degraded_until is null returning lane`,
      [lane, until],
    );
    if (begun.length === 1) return true;
    await tx.query(`update lane_states set degraded_until = greatest(degraded_until, $2) where lane = $1`, [
      lane,
      until,
    ]);
    return false;
  }

  /** Lanes that have refused nobody since `before`; each is returned once. */
  async recovered(tx: Tx, before: Date): Promise<string[]> {
    const rows = await updated<{ lane: string }>(
      tx,
      `update lane_states set saturated_at = null, refused_at = null
       where saturated_at is not null and refused_at < $1 returning lane`,
      [before],
    );
    return rows.map(row => row.lane);
  }

  /** Lanes whose trouble is over at `now`; each is returned once. */
  async mended(tx: Tx, now: Date): Promise<string[]> {
    const rows = await updated<{ lane: string }>(
      tx,
      `update lane_states set degraded_until = null where degraded_until <= $1 returning lane`,
      [now],
    );
    return rows.map(row => row.lane);
  }

  /** Removes lanes that are neither saturated nor in trouble. */
  async forget(tx: Tx): Promise<void> {
    await tx.query(`delete from lane_states where saturated_at is null and degraded_until is null`);
  }

  /** Those of the lanes that are saturated. */
  async saturated(tx: Tx, lanes: readonly string[]): Promise<Set<string>> {
    const rows: { lane: string }[] = await tx.query(
      `select lane from lane_states where lane = any($1) and saturated_at is not null`,
      [lanes],
    );
    return new Set(rows.map(row => row.lane));
  }

  /** Changes the live connections of a lane from one state to another; returns those changed. */
  async moveConnections(
    tx: Tx,
    lane: string,
    move: { from: ConnectionState; to: ConnectionState; reason: string | null },
  ): Promise<{ id: string; tenantId: string }[]> {
    return updated(
      tx,
      `update connections set state = $3, state_reason = $4, updated_at = now()
       where lane = $1 and state = $2 and deleted_at is null returning id, tenant_id as "tenantId"`,
      [lane, move.from, move.to, move.reason],
    );
  }

  /** Tenants whose connections use the lane. */
  async tenants(tx: Tx, lane: string): Promise<string[]> {
    const rows: { tenantId: string }[] = await tx.query(
      `select distinct tenant_id as "tenantId" from connections where lane = $1 and deleted_at is null`,
      [lane],
    );
    return rows.map(row => row.tenantId);
  }
}
