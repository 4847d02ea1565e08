import { IsNull } from 'typeorm';
import { newId } from '#canonical';
import type { OpenTx, Tx } from '../database.js';
import { ApiKeyEntity, TenantEntity } from '../entities/setup.entity.js';

/** A stored tenant. */
export type StoredTenant = Readonly<TenantEntity>;
/** A stored API key: its hash, never the key. */
export type StoredApiKey = Readonly<ApiKeyEntity>;

/** Tenants and their API keys. */
export class TenantStore {
  /** The tenant with this slug, created if missing; safe when several processes start at once. */
  async ensure(tx: Tx, slug: string, name: string): Promise<StoredTenant> {
    await tx.query(`insert into tenants (id, slug, name) values ($1, $2, $3) on conflict (slug) do nothing`, [
      newId('ten'),
      slug,
      name,
    ]);
    return (await tx.findOne(TenantEntity, { where: { slug } }))!;
  }

  async find(tx: Tx, id: string): Promise<StoredTenant | null> {
    return tx.findOne(TenantEntity, { where: { id } });
  }

  async insert(tx: Tx, row: StoredTenant): Promise<void> {
    await tx.insert(TenantEntity, row);
  }

  async list(tx: Tx, filter: { before?: string; limit: number }): Promise<StoredTenant[]> {
    const query = tx.createQueryBuilder(TenantEntity, 't');
    if (filter.before) query.where('t.id < :before', { before: filter.before });
    return query.orderBy('t.id', 'DESC').take(filter.limit).getMany();
  }

  async keyByHash(tx: Tx, hash: Buffer): Promise<StoredApiKey | null> {
    return tx.findOne(ApiKeyEntity, { where: { hash } });
  }

  /** A key of this tenant that is not revoked. */
  async findKey(tx: Tx, tenantId: string, id: string): Promise<StoredApiKey | null> {
    return tx.findOne(ApiKeyEntity, { where: { id, tenantId, revokedAt: IsNull() } });
  }

  async insertKey(
    tx: Tx,
    row: Omit<ApiKeyEntity, 'createdAt' | 'lastUsedAt' | 'revokedAt'> & { createdAt?: Date },
  ): Promise<void> {
    await tx.insert(ApiKeyEntity, { ...row, lastUsedAt: null, revokedAt: null });
  }

  /** Inserts a key if there is none at all, and says whether it did; several processes may start at once. */
  async insertFirstKey(
    tx: OpenTx,
    row: Omit<ApiKeyEntity, 'createdAt' | 'lastUsedAt' | 'revokedAt'>,
  ): Promise<boolean> {
    await tx.query(`select 1 from tenants where id = $1 for no key update`, [row.tenantId]);
    const [known] = await tx.query(`select 1 from api_keys limit 1`);
    if (!known) await this.insertKey(tx, row);
    return !known;
  }

  /** Inserts a key or, if its hash is known, resets its scopes to these, and its default connection to a given one. */
  async upsertKey(tx: Tx, row: Omit<ApiKeyEntity, 'createdAt' | 'lastUsedAt' | 'revokedAt'>): Promise<void> {
    await tx.query(
      `insert into api_keys (id, tenant_id, name, hash, prefix, scopes, default_connection_id, expires_at) values ($1,$2,$3,$4,$5,$6,$7,$8)
       on conflict (hash) do update set scopes = excluded.scopes, revoked_at = null, expires_at = excluded.expires_at,
         default_connection_id = coalesce(excluded.default_connection_id, api_keys.default_connection_id)`,
      [
        row.id,
        row.tenantId,
        row.name,
        row.hash,
        row.prefix,
        row.scopes,
        row.defaultConnectionId,
        row.expiresAt,
      ],
    );
  }

  async keys(tx: Tx, tenantId: string, filter: { before?: string; limit: number }): Promise<StoredApiKey[]> {
    const query = tx
      .createQueryBuilder(ApiKeyEntity, 'k')
      .where({ tenantId })
      .andWhere('k.revoked_at is null');
    if (filter.before) query.andWhere('k.id < :before', { before: filter.before });
    return query.orderBy('k.id', 'DESC').take(filter.limit).getMany();
  }

  async revokeKey(tx: Tx, tenantId: string, id: string): Promise<boolean> {
    const done = await tx.update(ApiKeyEntity, { id, tenantId }, { revokedAt: new Date() });
    return done.affected === 1;
  }

  /** Records the last use, at most once a minute per key. */
  async touchKey(tx: Tx, id: string): Promise<void> {
    await tx.query(
      `update api_keys set last_used_at = now() where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      [id],
    );
  }
}
