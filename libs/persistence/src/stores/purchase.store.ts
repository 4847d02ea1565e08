import type { ProviderRefs } from '#canonical';
import { sendWithCommit } from '../database.js';
import type { OpenTx, Tx } from '../database.js';
import { FOR_ITS_VALUES } from '../prepared-client.js';
import { PurchaseEntity } from '../entities/resource.entity.js';
import { REFUND_SUMS } from './refund.store.js';
import type { RefundSums } from './refund.store.js';
import { rowOf, updated } from './statement.js';

/** A stored purchase; its state is its operation's. */
export type StoredPurchase = Readonly<PurchaseEntity>;

/** The provider's answer about a purchase. */
export interface PurchaseDone {
  result: object;
  warnings: unknown[];
  providerOperationId?: string;
  connectionId: string;
  /** The buyer, as the provider's references. */
  refs: ProviderRefs;
}

/** Purchases and the provider's answers about them. */
export class PurchaseStore {
  /** Inserts a purchase with the COMMIT of the transaction that accepts it. */
  async insertAtCommit(
    tx: Tx,
    row: Omit<
      PurchaseEntity,
      'createdAt' | 'updatedAt' | 'result' | 'providerOperationId' | 'v1Alias' | 'warnings'
    >,
  ): Promise<void> {
    await sendWithCommit(tx, {
      sql: `insert into purchases (id, tenant_id, connection_id, operation_id, customer_id, merchant_reference, receipt, total,
              currency, location_id, hold_ids, metadata, warnings)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '[]')`,
      values: [
        row.id,
        row.tenantId,
        row.connectionId,
        row.operationId,
        row.customerId,
        row.merchantReference,
        JSON.stringify(row.receipt),
        row.total,
        row.currency,
        row.locationId,
        row.holdIds,
        JSON.stringify(row.metadata),
      ],
    });
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredPurchase | null> {
    return tx.findOne(PurchaseEntity, { where: { id, tenantId } });
  }

  async byOperation(tx: Tx, operationId: string): Promise<StoredPurchase | null> {
    return tx.findOne(PurchaseEntity, { where: { operationId } });
  }

  /** An operation's purchase with its refund sums: everything a till's answer shows, in one statement without the ORM. */
  async shown(
    tx: Tx,
    operationId: string,
  ): Promise<{ purchase: StoredPurchase; sums: RefundSums } | undefined> {
    const [row] = await tx.query(
      `select ${COLUMNS}, s.refunded, s.in_doubt
       from purchases p cross join lateral (${REFUND_SUMS} where r.purchase_id = p.id) s
       where p.operation_id = $1`,
      [operationId],
    );
    if (!row) return undefined;
    const { refunded, in_doubt: inDoubt, ...columns } = row;
    return { purchase: rowOf(columns), sums: { refunded, inDoubt } };
  }

  /** A page of a tenant's purchases, newest first. */
  async page(
    tx: Tx,
    tenantId: string,
    filter: {
      merchantReference?: string;
      state?: string;
      connectionId?: string;
      before?: string;
      limit: number;
    },
  ): Promise<StoredPurchase[]> {
    const query = tx.createQueryBuilder(PurchaseEntity, 'p').comment(FOR_ITS_VALUES).where({ tenantId });
    const { merchantReference, state, connectionId, before } = filter;
    if (merchantReference) query.andWhere('p.merchant_reference = :merchantReference', { merchantReference });
    if (connectionId) query.andWhere('p.connection_id = :connectionId', { connectionId });
    if (before) query.andWhere('p.id < :before', { before });
    if (state)
      query.andWhere(
        `exists (select 1 from operations o
           where o.id = p.operation_id and o.tenant_id = p.tenant_id and o.state = :state)`,
        { state },
      );
    return query.orderBy('p.id', 'DESC').take(filter.limit).getMany();
  }

  /** Finds a purchase by the provider's number, or by the number that we assigned for UDS v1 tills. */
  async byNumber(tx: Tx, connectionId: string, number: string): Promise<StoredPurchase | null> {
    return (
      (await tx.findOne(PurchaseEntity, { where: { connectionId, providerOperationId: number } })) ??
      (/^\d{1,18}$/.test(number)
        ? await tx.findOne(PurchaseEntity, { where: { connectionId, v1Alias: number } })
        : null)
    );
  }

  /** Assigns a purchase a number of ours, once; used where the provider has none. */
  async alias(tx: Tx, id: string, number: string): Promise<string> {
    const rows = await updated<{ v1_alias: string }>(
      tx,
      `update purchases set v1_alias = coalesce(v1_alias, $2::bigint) where id = $1 returning v1_alias`,
      [id, number],
    );
    return rows[0]!.v1_alias;
  }

  /** Stores the provider's answer and links the customer if known; returns the row. `strange` = a reference is not known yet and needs `CustomerStore.upsert`. */
  async complete(
    tx: Tx,
    id: string,
    done: PurchaseDone,
  ): Promise<{ purchase: StoredPurchase; strange: boolean }> {
    const [row] = await updated<Record<string, unknown> & { strange: boolean }>(
      tx,
      COMPLETE,
      doneValues(id, done),
    );
    if (!row) throw new Error(`There is no purchase ${id} to complete.`);
    const { strange, ...columns } = row;
    return { purchase: rowOf(columns), strange };
  }

  /** As `complete`, for a purchase that needs nothing else: it is there, its customer is known and it used no hold. Otherwise the transaction is refused (`isUnmet`, `nothing-else`). Values that cannot be written throw here, as in `OperationStore.settleOrRefuse`. */
  completeOrRefuse(tx: Tx, id: string, done: PurchaseDone): Promise<StoredPurchase> {
    // Not in an async function: nobody waits for its promise before the COMMIT is sent.
    const values = doneValues(id, done);
    return tx.query<Record<string, unknown>[]>(COMPLETE_OR_REFUSE, values).then(([row]) => {
      const { strange: _s, expected: _e, ...columns } = row!;
      return rowOf(columns);
    });
  }

  /** Sets the customer of a purchase. */
  async nameCustomer(tx: Tx, id: string, customerId: string): Promise<void> {
    await tx.query(`update purchases set customer_id = $2 where id = $1`, [id, customerId]);
  }

  /** Locks the purchase's row until the transaction ends, so that two refunds cannot both use the same remainder. */
  async lock(tx: OpenTx, tenantId: string, id: string): Promise<StoredPurchase | null> {
    return tx.findOne(PurchaseEntity, { where: { id, tenantId }, lock: { mode: 'pessimistic_write' } });
  }
}

// By name: a prepared `p.*` is refused by Postgres from the moment that a newer version adds a column.
const COLUMNS = `p.id, p.tenant_id, p.connection_id, p.operation_id, p.customer_id, p.merchant_reference, p.receipt, p.total,
  p.currency, p.location_id, p.hold_ids, p.metadata, p.result, p.warnings, p.provider_operation_id, p.v1_alias,
  p.created_at, p.updated_at`;

const COMPLETE = `update purchases p set result = $2, warnings = $3, provider_operation_id = $4, updated_at = now(),
     customer_id = coalesce(known.customer_id, p.customer_id)
   from (select min(r.customer_id) as customer_id, count(*) as count from customer_refs r
           join unnest($5::text[], $6::text[]) as a(name, value) using (name, value) where r.connection_id = $7) known
   where p.id = $1 returning ${COLUMNS}, known.count < cardinality($5::text[]) as strange`;

// The outer join keeps the expectation where no row was updated.
const COMPLETE_OR_REFUSE = `with done as (${COMPLETE})
   select done.*, expected(not strange and cardinality(hold_ids) = 0, 'nothing-else')
   from (select) one left join done on true`;

function doneValues(id: string, done: PurchaseDone): unknown[] {
  const refs = Object.entries(done.refs);
  return [
    id,
    JSON.stringify(done.result),
    JSON.stringify(done.warnings),
    done.providerOperationId ?? null,
    refs.map(([name]) => name),
    refs.map(([, value]) => value),
    done.connectionId,
  ];
}
