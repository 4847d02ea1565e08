import type { Tx } from '../database.js';
import type { IdempotencyKeyEntity } from '../entities/operation.entity.js';
import { countChanged, rowOf } from './statement.js';

/** A stored key: its request, and the first final answer (sealed). */
export type StoredKey = Readonly<IdempotencyKeyEntity>;

/** The values of a new key. */
interface KeyInsert {
  tenantId: string;
  key: string;
  fingerprint: string;
  operationId?: string;
}

/** Idempotency keys, unique per tenant, written in the same transaction as what they protect; kept 30 days. */
export class IdempotencyStore {
  /** As `take`, for a key that is expected to be free; otherwise throws a conflict (`isConflict`), which rolls the transaction back. */
  async add(tx: Tx, row: KeyInsert): Promise<void> {
    await tx.query(
      `insert into idempotency_keys (tenant_id, key, fingerprint, operation_id) values ($1, $2, $3, $4)`,
      [row.tenantId, row.key, row.fingerprint, row.operationId ?? null],
    );
  }

  /** Takes a key, or returns the row of whoever took it first (waits for a transaction that is taking it now). */
  async take(tx: Tx, row: KeyInsert): Promise<StoredKey | null> {
    const inserted: unknown[] = await tx.query(
      `insert into idempotency_keys (tenant_id, key, fingerprint, operation_id) values ($1, $2, $3, $4)
       on conflict (tenant_id, key) do nothing returning key`,
      [row.tenantId, row.key, row.fingerprint, row.operationId ?? null],
    );
    return inserted.length === 1 ? null : this.find(tx, row.tenantId, row.key);
  }

  async find(tx: Tx, tenantId: string, key: string): Promise<StoredKey | null> {
    const [row] = await tx.query(
      `select tenant_id, key, fingerprint, operation_id, status, location, body, created_at
       from idempotency_keys where tenant_id = $1 and key = $2`,
      [tenantId, key],
    );
    return row ? rowOf(row) : null;
  }

  /** Points a key at the existing operation of the same intent. */
  async attach(tx: Tx, tenantId: string, key: string, operationId: string): Promise<void> {
    await tx.query(`update idempotency_keys set operation_id = $3 where tenant_id = $1 and key = $2`, [
      tenantId,
      key,
      operationId,
    ]);
  }

  /** Stores the first final answer; a later one changes nothing. */
  async answer(
    tx: Tx,
    key: { tenantId: string; key: string },
    answer: { status: number; location?: string; body: Buffer },
  ): Promise<void> {
    await tx.query(
      `update idempotency_keys set status = $3, location = $4, body = $5 where tenant_id = $1 and key = $2 and status is null`,
      [key.tenantId, key.key, answer.status, answer.location ?? null, answer.body],
    );
  }

  /** Frees a key whose request was refused before acceptance. */
  async release(tx: Tx, tenantId: string, key: string): Promise<void> {
    await tx.query(
      `delete from idempotency_keys where tenant_id = $1 and key = $2 and status is null and operation_id is null`,
      [tenantId, key],
    );
  }

  /** Removes at most `limit` keys older than 30 days, except those of unfinished operations; returns how many. */
  async prune(tx: Tx, limit: number): Promise<number> {
    return countChanged(
      tx,
      `delete from idempotency_keys where (tenant_id, key) in (
         select k.tenant_id, k.key from idempotency_keys k where k.created_at < now() - interval '30 days' and not exists (
           select 1 from operations o where o.id = k.operation_id and o.finished_at is null)
         order by k.created_at limit $1)`,
      [limit],
    );
  }
}
