import { sendWithCommit } from '../database.js';
import type { Tx } from '../database.js';
import { RefundEntity } from '../entities/resource.entity.js';
import { updated } from './statement.js';

/** A stored refund; its state is its operation's. */
export type StoredRefund = Readonly<RefundEntity>;

/** Refund sums of a purchase, as decimal texts in units of its total. */
export interface RefundSums {
  /** Refunds that succeeded. */
  refunded: string;
  /** Refunds that run, wait or are unknown: they reduce the remainder until they are known not to have happened. */
  inDoubt: string;
}

/** The start of a statement that sums refunds (`r`) by state: `refunded`, `in_doubt`. */
export const REFUND_SUMS = `select coalesce(sum(r.amount) filter (where o.state = 'succeeded'), 0)::text as refunded,
    coalesce(sum(r.amount) filter (where o.state in ('queued','dispatching','unknown','needs-review')), 0)::text as in_doubt
  from refunds r join operations o on o.id = r.operation_id`;

/** Refunds of purchases. */
export class RefundStore {
  async sums(tx: Tx, purchaseId: string): Promise<RefundSums> {
    const [row] = await tx.query(`${REFUND_SUMS} where r.purchase_id = $1`, [purchaseId]);
    return { refunded: row.refunded, inDoubt: row.in_doubt };
  }

  /** Inserts a refund with the COMMIT of the transaction that accepts it. */
  async insertAtCommit(
    tx: Tx,
    row: Omit<RefundEntity, 'createdAt' | 'result' | 'providerOperationId'>,
  ): Promise<void> {
    await sendWithCommit(tx, {
      sql: `insert into refunds (id, tenant_id, connection_id, purchase_id, operation_id, merchant_reference, amount, currency, reason)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      values: [
        row.id,
        row.tenantId,
        row.connectionId,
        row.purchaseId,
        row.operationId,
        row.merchantReference,
        row.amount,
        row.currency,
        row.reason,
      ],
    });
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredRefund | null> {
    return tx.findOne(RefundEntity, { where: { id, tenantId } });
  }

  async byOperation(tx: Tx, operationId: string): Promise<StoredRefund | null> {
    return tx.findOne(RefundEntity, { where: { operationId } });
  }

  /** The provider's ids of the refunds that are known to have happened. */
  async knownIds(tx: Tx, purchaseId: string): Promise<string[]> {
    const rows: { id: string }[] = await tx.query(
      `select provider_operation_id as id from refunds where purchase_id = $1 and provider_operation_id is not null`,
      [purchaseId],
    );
    return rows.map(row => row.id);
  }

  /** Stores the provider's answer. `taken` = another refund of the purchase has the provider's number. */
  async complete(
    tx: Tx,
    id: string,
    result: object,
    providerOperationId?: string,
  ): Promise<{ taken: boolean }> {
    const [row] = await updated<{ taken: boolean }>(
      tx,
      `update refunds r set result = $2, provider_operation_id = $3 where id = $1 returning exists (select 1 from refunds other
         where other.purchase_id = r.purchase_id and other.provider_operation_id = $3 and other.id <> r.id) as taken`,
      [id, JSON.stringify(result), providerOperationId ?? null],
    );
    return { taken: row?.taken ?? false };
  }
}
