import { newId } from '#canonical';
import type { Tx } from '../database.js';
import { ProviderCallEntity } from '../entities/journal.entity.js';
import { AuditEntity } from '../entities/setup.entity.js';
import { countChanged } from './statement.js';

/** A line of the provider-call log, redacted before it is stored. */
export type StoredCall = Readonly<ProviderCallEntity>;
/** A new line of the provider-call log. */
export type CallInsert = Omit<ProviderCallEntity, 'id' | 'at'>;
/** A line of the audit log. */
export type StoredAudit = Readonly<AuditEntity>;

/** A new line of the audit log. */
export type AuditInsert = Omit<AuditEntity, 'id' | 'at'>;

/** The provider-call log and the audit log; support reads both, the gateway never decides by them. */
export class JournalStore {
  /** Writes lines of the log, all in one statement. */
  async addCalls(tx: Tx, lines: readonly CallInsert[]): Promise<void> {
    await tx.query(
      `insert into provider_calls (id, tenant_id, connection_id, operation_id, exchange, method, url, status, outcome, reason,
         duration_ms, request, response)
       select "id", "tenantId", "connectionId", "operationId", "exchange", "method", "url", "status", "outcome", "reason",
         "durationMs", "request", "response"
       from jsonb_to_recordset($1) as line("id" text, "tenantId" text, "connectionId" text, "operationId" text, "exchange" text,
         "method" text, "url" text, "status" int, "outcome" text, "reason" text, "durationMs" numeric, "request" jsonb, "response" jsonb)`,
      [JSON.stringify(lines.map(line => ({ id: newId('pcl'), ...line })))],
    );
  }

  async calls(
    tx: Tx,
    tenantId: string,
    filter: { operationId?: string; connectionId?: string; before?: string; limit: number },
  ): Promise<StoredCall[]> {
    const query = tx.createQueryBuilder(ProviderCallEntity, 'c').where({ tenantId });
    if (filter.operationId)
      query.andWhere('c.operation_id = :operationId', { operationId: filter.operationId });
    if (filter.connectionId)
      query.andWhere('c.connection_id = :connectionId', { connectionId: filter.connectionId });
    if (filter.before) query.andWhere('c.id < :before', { before: filter.before });
    return query.orderBy('c.id', 'DESC').take(filter.limit).getMany();
  }

  async audit(tx: Tx, row: AuditInsert): Promise<void> {
    await tx.insert(AuditEntity, { id: newId('aud'), ...row } as never);
  }

  async audits(tx: Tx, tenantId: string, filter: { before?: string; limit: number }): Promise<StoredAudit[]> {
    const query = tx.createQueryBuilder(AuditEntity, 'a').where({ tenantId });
    if (filter.before) query.andWhere('a.id < :before', { before: filter.before });
    return query.orderBy('a.id', 'DESC').take(filter.limit).getMany();
  }

  /** Removes at most `limit` provider calls older than the retention (14 days); returns how many. */
  async pruneCalls(tx: Tx, limit: number): Promise<number> {
    return countChanged(
      tx,
      `delete from provider_calls where id in (select id from provider_calls where at < now() - interval '14 days' limit $1)`,
      [limit],
    );
  }
}
