import type { Tx } from '../database.js';
import { RecordEntity } from '../entities/resource.entity.js';
import type { StoredRecord } from './record.store.js';
import { changed, countChanged } from './statement.js';

/** What is secret about records: the single-use state and the sealed token of an end user's consent. */
export class ConsentStore {
  /** Clears the single-use state of an open record; false = its hash is another, or it was taken already. */
  async takeState(tx: Tx, tenantId: string, type: string, id: string, stateHash: string): Promise<boolean> {
    return changed(
      tx,
      `update records set state_hash = null, updated_at = now() where tenant_id = $1 and type = $2 and id = $3 and state_hash = $4 and expires_at > now()`,
      [tenantId, type, id, stateHash],
    );
  }

  /** Stores a sealed secret in a record. */
  async keepSealed(tx: Tx, id: string, sealed: Buffer, body: object, expiresAt: Date): Promise<void> {
    await tx.query(
      `update records set sealed = $2, body = body || $3::jsonb, expires_at = $4, updated_at = now() where id = $1`,
      [id, sealed, JSON.stringify(body), expiresAt],
    );
  }

  /** The newest sealed record of a customer and type that has not expired. */
  async newestSealed(
    tx: Tx,
    connectionId: string,
    type: string,
    customerId: string,
  ): Promise<StoredRecord | null> {
    return tx
      .createQueryBuilder(RecordEntity, 'r')
      .where({ connectionId, type, customerId })
      .andWhere('r.sealed is not null and r.expires_at > now()')
      .orderBy('r.id', 'DESC')
      .getOne();
  }

  /** Wipes the secrets (end users' tokens) of at most `limit` expired records; returns how many. */
  async wipeEnded(tx: Tx, limit: number): Promise<number> {
    return countChanged(
      tx,
      `update records set sealed = null where id in (
         select id from records where sealed is not null and expires_at < now() limit $1)`,
      [limit],
    );
  }
}
