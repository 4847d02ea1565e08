import { IsNull } from 'typeorm';
import type { OpenTx, Tx } from '../database.js';
import { RecordEntity } from '../entities/resource.entity.js';
import { claimNumber, sameLedger } from './same-ledger.js';
import { updated } from './statement.js';

/** A stored record: the result of a write that is neither purchase, refund nor hold (link, lead, conversion, payout, adjustment, consent session). */
export type StoredRecord = Readonly<RecordEntity>;

/** SQL: the provider's id of what an operation made, beside the column `provider_ref`, which is left empty where a list had shown it before. */
export const PROVIDERS_ID = `body->>'providerRef'`;

// A lead has an id of ours in each connection, and one of the provider's.
const refOf = (lead: string): string => `coalesce(${lead}.provider_ref, ${lead}.${PROVIDERS_ID})`;
const OF_ONE_LEAD = `exists (select 1 from records mine join records theirs on ${refOf('theirs')} = ${refOf('mine')}
           where mine.id = records.body->>'leadId' and theirs.id = o.body->>'leadId')`;

const COMPLETE = `update records set body = body || $2::jsonb, updated_at = now(),
    provider_ref = case when $3::text is null or exists (select 1 from records o where o.connection_id = records.connection_id
      and o.type = records.type and o.provider_ref = $3 and o.id <> records.id) then provider_ref else $3 end
  where id = $1 returning exists (select 1 from records o where o.connection_id in (${sameLedger('records.connection_id')})
    and o.type = records.type and o.provider_ref = $3 and o.id <> records.id and o.operation_id is not null
    and (o.body->>'leadId' is not distinct from records.body->>'leadId' or ${OF_ONE_LEAD}
      or o.body->>'merchantReference' = records.body->>'merchantReference')) as taken`;

/** Records by type; the type's module in the outbound library defines the body. */
export class RecordStore {
  async insert(
    tx: Tx,
    row: Pick<RecordEntity, 'id' | 'tenantId' | 'connectionId' | 'type' | 'body'> & Partial<RecordEntity>,
  ): Promise<void> {
    await tx.insert(RecordEntity, row as never);
  }

  /** A record; of one that was united with another, that one. */
  async find(tx: Tx, tenantId: string, type: string, id: string): Promise<StoredRecord | null> {
    const record = await tx.findOne(RecordEntity, { where: { id, tenantId, type } });
    const other = record?.body['unitedWith'];
    return typeof other === 'string' ? this.find(tx, tenantId, type, other) : record;
  }

  /** A record of any tenant: only for a caller who is authorised for this record by other means. */
  async findAnywhere(tx: Tx, type: string, id: string): Promise<StoredRecord | null> {
    return tx.findOne(RecordEntity, { where: { id, type } });
  }

  async byOperation(tx: Tx, operationId: string): Promise<StoredRecord | null> {
    return tx.findOne(RecordEntity, { where: { operationId } });
  }

  async byProviderRef(
    tx: Tx,
    connectionId: string,
    type: string,
    providerRef: string,
  ): Promise<StoredRecord | null> {
    return tx.findOne(RecordEntity, { where: { connectionId, type, providerRef } });
  }

  /** Records by provider references. */
  async byProviderRefs(tx: Tx, connectionId: string, type: string, refs: string[]): Promise<StoredRecord[]> {
    if (refs.length === 0) return [];
    return tx
      .createQueryBuilder(RecordEntity, 'r')
      .where({ connectionId, type })
      .andWhere('r.provider_ref = any(:refs)', { refs })
      .getMany();
  }

  /** As `byProviderRefs`, each row locked until the transaction ends, so that two readers of one list do not both see a change first. */
  async lockByProviderRefs(
    tx: Tx,
    connectionId: string,
    type: string,
    refs: string[],
  ): Promise<StoredRecord[]> {
    if (refs.length === 0) return [];
    return tx
      .createQueryBuilder(RecordEntity, 'r')
      .setLock('pessimistic_write')
      .where({ connectionId, type })
      .andWhere('r.provider_ref = any(:refs)', { refs })
      .orderBy('r.id')
      .getMany();
  }

  /** Conversions of ours that were registered to these leads (our ids), newest first. */
  async conversionsOf(tx: Tx, connectionId: string, leadIds: string[]): Promise<StoredRecord[]> {
    if (leadIds.length === 0) return [];
    return tx
      .createQueryBuilder(RecordEntity, 'r')
      .where({ connectionId, type: 'conversion' })
      .andWhere(`r.body->>'leadId' = any(:leadIds)`, { leadIds })
      .andWhere(`r.operation_id in (select id from operations where state = 'succeeded')`)
      .orderBy('r.id', 'DESC')
      .getMany();
  }

  /** Forgets what only a list had shown under a provider's reference, so that the record of its operation can take it. Only for types whose ids no call takes. */
  async forgetListed(
    tx: OpenTx,
    row: Pick<StoredRecord, 'connectionId' | 'type'> & { providerRef: string },
  ): Promise<void> {
    // Before the row, as whoever has looked whether the number is another's: two answers never wait for each other crosswise.
    await claimNumber(tx, row.connectionId, row.type, row.providerRef);
    await tx.delete(RecordEntity, { ...row, operationId: IsNull() });
  }

  /** Where another record of the connection has this reference of the provider's, that one takes the place of an operation's own: one thing is one record. The id of its own, which may have been told, leads to that one (`find`). Returns the id of the one that remains. */
  async unite(
    tx: OpenTx,
    {
      id,
      connectionId,
      type,
      providerRef,
    }: Pick<StoredRecord, 'id' | 'connectionId' | 'type'> & { providerRef: string },
  ): Promise<string> {
    const [known] = await updated<{ id: string }>(
      tx,
      `with pair as (select known.id, own.operation_id, own.customer_id from records own join records known on known.connection_id = $2
           and known.type = $3 and known.provider_ref = $4 and known.id <> own.id where own.id = $1),
         left_behind as (update records set body = jsonb_build_object('unitedWith', pair.id), operation_id = null, customer_id = null
           from pair where records.id = $1)
       update records set operation_id = coalesce(records.operation_id, pair.operation_id),
         customer_id = coalesce(records.customer_id, pair.customer_id) from pair where records.id = pair.id returning records.id`,
      [id, connectionId, type, providerRef],
    );
    return known?.id ?? id;
  }

  /** Completes a record when its operation succeeded; a provider reference that another record has is left out. `taken` = another write in the same ledger has it, for a conversion one of the same lead or its copy, or of the same order (of another shop): a test account that was reset counts anew. */
  async complete(
    tx: OpenTx,
    { id, connectionId, resourceType }: { id: string; connectionId: string; resourceType: string },
    { body, providerRef }: { body: object; providerRef?: string },
  ): Promise<{ taken: boolean }> {
    // Sent together: the update begins, and looks, once the number is claimed.
    const [, [row]] = await Promise.all([
      providerRef !== undefined && claimNumber(tx, connectionId, resourceType, providerRef),
      updated<{ taken: boolean }>(tx, COMPLETE, [id, JSON.stringify(body), providerRef ?? null]),
    ]);
    return { taken: row?.taken ?? false };
  }

  /** Stores an object of a provider's list, so that it keeps one id of ours; returns that id. */
  async remember(
    tx: Tx,
    row: Pick<RecordEntity, 'id' | 'tenantId' | 'connectionId' | 'type' | 'body'> & {
      providerRef: string;
      customerId?: string;
    },
  ): Promise<string> {
    const rows: { id: string }[] = await tx.query(
      `insert into records (id, tenant_id, connection_id, type, provider_ref, body, customer_id) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (connection_id, type, provider_ref) where provider_ref is not null
       do update set body = records.body || excluded.body, updated_at = now(),
         customer_id = coalesce(records.customer_id, excluded.customer_id) returning id`,
      [
        row.id,
        row.tenantId,
        row.connectionId,
        row.type,
        row.providerRef,
        JSON.stringify(row.body),
        row.customerId ?? null,
      ],
    );
    return rows[0]!.id;
  }

  /** A page of records of a tenant and type, newest first; `filled` leaves out those whose operation has no result yet. */
  async page(
    tx: Tx,
    tenantId: string,
    type: string,
    filter: {
      connectionId?: string;
      customerId?: string;
      filled?: boolean;
      before?: string;
      limit: number;
    },
  ): Promise<StoredRecord[]> {
    const query = tx.createQueryBuilder(RecordEntity, 'r').where({ tenantId, type });
    if (filter.connectionId)
      query.andWhere('r.connection_id = :connectionId', { connectionId: filter.connectionId });
    if (filter.customerId) query.andWhere('r.customer_id = :customerId', { customerId: filter.customerId });
    if (filter.filled) query.andWhere(`r.body <> '{}'::jsonb`);
    if (filter.before) query.andWhere('r.id < :before', { before: filter.before });
    return query.orderBy('r.id', 'DESC').take(filter.limit).getMany();
  }
}
