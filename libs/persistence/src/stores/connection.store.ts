import { IsNull } from 'typeorm';
import type { ConnectionState } from '#canonical';
import type { OpenTx, Tx } from '../database.js';
import { ConnectionEntity } from '../entities/setup.entity.js';
import { changed, rowOf } from './statement.js';

/** A stored connection; its credentials are sealed with its own data key. */
export type StoredConnection = Readonly<ConnectionEntity>;

// Read with every request, so it bypasses the ORM.
const COLUMNS = `id, tenant_id, provider, slug, name, base_url, own_site, settings, credentials, data_key, lane, requests_per_second,
  state, state_reason, last_check, paused_by, clock_skew_ms, created_at, updated_at, deleted_at`;

/** Merchants' accounts at providers. */
export class ConnectionStore {
  async insert(
    tx: Tx,
    row: Omit<ConnectionEntity, 'createdAt' | 'updatedAt' | 'deletedAt' | 'clockSkewMs'>,
  ): Promise<void> {
    await tx.insert(ConnectionEntity, { ...row, clockSkewMs: 0 } as never);
  }

  /** By id or slug, within the tenant; deleted ones are not found. */
  async find(tx: Tx, tenantId: string, idOrSlug: string): Promise<StoredConnection | null> {
    const [row] = await tx.query(
      `select ${COLUMNS} from connections where tenant_id = $1 and deleted_at is null and (id = $2 or slug = $2)`,
      [tenantId, idOrSlug],
    );
    return row ? rowOf(row) : null;
  }

  /** By id or slug, also where it was deleted: then the one that had the slug last. */
  async everNamed(tx: Tx, tenantId: string, idOrSlug: string): Promise<StoredConnection | null> {
    const [row] = await tx.query(
      `select ${COLUMNS} from connections where tenant_id = $1 and (id = $2 or slug = $2)
       order by deleted_at desc nulls first limit 1`,
      [tenantId, idOrSlug],
    );
    return row ? rowOf(row) : null;
  }

  /** The ids of connections to the same address that were deleted within the last `seconds` and had its slug, or any: newest first. */
  async replacedBy(
    tx: Tx,
    by: Pick<ConnectionEntity, 'tenantId' | 'provider' | 'baseUrl' | 'slug'>,
    within: { seconds: number; anySlug: boolean },
  ): Promise<string[]> {
    const rows: { id: string }[] = await tx.query(
      `select id from connections where tenant_id = $1 and provider = $2 and base_url = $3 and (slug = $4 or $5)
         and deleted_at > now() - $6 * interval '1 second' order by deleted_at desc`,
      [by.tenantId, by.provider, by.baseUrl, by.slug, within.anySlug, within.seconds],
    );
    return rows.map(({ id }) => id);
  }

  /** Reads and locks it until the transaction ends; null once it was deleted. */
  async lock(tx: OpenTx, id: string): Promise<StoredConnection | null> {
    const [row] = await tx.query(
      `select ${COLUMNS} from connections where id = $1 and deleted_at is null for update`,
      [id],
    );
    return row ? rowOf(row) : null;
  }

  /** By id alone, deleted ones included: for operations that are still open. */
  async byId(tx: Tx, id: string): Promise<StoredConnection | null> {
    const [row] = await tx.query(`select ${COLUMNS} from connections where id = $1`, [id]);
    return row ? rowOf(row) : null;
  }

  /** All live connections of a tenant, newest first. */
  async list(
    tx: Tx,
    tenantId: string,
    filter: { before?: string; limit: number; provider?: string } = { limit: 100 },
  ): Promise<StoredConnection[]> {
    const query = tx.createQueryBuilder(ConnectionEntity, 'c').where({ tenantId, deletedAt: IsNull() });
    if (filter.provider) query.andWhere('c.provider = :provider', { provider: filter.provider });
    if (filter.before) query.andWhere('c.id < :before', { before: filter.before });
    return query.orderBy('c.id', 'DESC').take(filter.limit).getMany();
  }

  /** Changes nothing of a connection that was deleted. */
  async update(
    tx: Tx,
    id: string,
    change: Partial<Omit<ConnectionEntity, 'id' | 'tenantId' | 'provider'>>,
  ): Promise<void> {
    const live = { id, deletedAt: IsNull() };
    await tx.update(ConnectionEntity, live, { ...change, updatedAt: new Date() } as never);
  }

  /** Keeps what a check showed, unless a newer one is kept, or it was made of another account or address than stand there now. */
  async keepCheck(
    tx: Tx,
    checked: Pick<ConnectionEntity, 'id' | 'lane' | 'baseUrl'>,
    check: { at: string },
  ): Promise<void> {
    await tx.query(
      `update connections set last_check = $4, updated_at = now() where id = $1 and lane = $2 and base_url = $3
         and deleted_at is null and (last_check is null or last_check->>'at' < $5)`,
      [checked.id, checked.lane, checked.baseUrl, JSON.stringify(check), check.at],
    );
  }

  /** Changes the state; false when it is already the same. */
  async moveState(tx: Tx, id: string, state: ConnectionState, reason: string | null): Promise<boolean> {
    return changed(
      tx,
      `update connections set state = $2, state_reason = $3, updated_at = now() where id = $1 and state <> $2 and deleted_at is null`,
      [id, state, reason],
    );
  }

  /** Wipes the tokens of end users who consented to something at this connection. */
  async wipeTokens(tx: Tx, id: string): Promise<void> {
    await tx.query('update records set sealed = null where connection_id = $1 and sealed is not null', [id]);
  }

  /** Wipes the secrets; the row stays for the operations that refer to it. */
  async destroy(tx: Tx, id: string): Promise<void> {
    await this.wipeTokens(tx, id);
    await tx.update(
      ConnectionEntity,
      { id },
      { credentials: null, dataKey: null, deletedAt: new Date(), state: 'invalid', stateReason: 'deleted' },
    );
  }
}
