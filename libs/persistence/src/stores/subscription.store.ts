import type { Tx } from '../database.js';
import { notifyEvents } from '../event-notifications.js';
import { SubscriptionEntity } from '../entities/subscription.entity.js';
import { changed, updated } from './statement.js';

/** A stored subscription; its secrets are sealed. */
export type StoredSubscription = Readonly<SubscriptionEntity>;

/** The values of a new subscription. */
export type SubscriptionInsert = Pick<
  SubscriptionEntity,
  'id' | 'tenantId' | 'targetType' | 'url' | 'queueName' | 'events' | 'secret'
>;

/** Subscriptions, and the leases of the processes that deliver to them. */
export class SubscriptionStore {
  async insert(tx: Tx, row: SubscriptionInsert): Promise<void> {
    await tx.insert(SubscriptionEntity, { ...row, state: 'active' } as never);
  }

  /** One of a tenant; deleted ones are not found. */
  async find(tx: Tx, tenantId: string, id: string): Promise<StoredSubscription | null> {
    return tx
      .createQueryBuilder(SubscriptionEntity, 's')
      .where({ tenantId, id })
      .andWhere(`s.state <> 'deleted'`)
      .getOne();
  }

  async byId(tx: Tx, id: string): Promise<StoredSubscription | null> {
    return tx.findOne(SubscriptionEntity, { where: { id } });
  }

  /** The number of a tenant's subscriptions that are not deleted. */
  async count(tx: Tx, tenantId: string): Promise<number> {
    return tx
      .createQueryBuilder(SubscriptionEntity, 's')
      .where({ tenantId })
      .andWhere(`s.state <> 'deleted'`)
      .getCount();
  }

  /** A page of a tenant's, newest first. */
  async page(
    tx: Tx,
    tenantId: string,
    filter: { before?: string; limit: number },
  ): Promise<StoredSubscription[]> {
    const query = tx
      .createQueryBuilder(SubscriptionEntity, 's')
      .where({ tenantId })
      .andWhere(`s.state <> 'deleted'`);
    if (filter.before) query.andWhere('s.id < :before', { before: filter.before });
    return query.orderBy('s.id', 'DESC').take(filter.limit).getMany();
  }

  /** The queues of a tenant's subscriptions, including those deleted within so many days: jobs may still be in them. */
  async queueNames(tx: Tx, tenantId: string, days: number): Promise<string[]> {
    const rows: { name: string }[] = await tx.query(
      `select distinct queue_name as name from subscriptions where tenant_id = $1 and queue_name is not null
         and (state <> 'deleted' or updated_at > now() - $2 * interval '1 day')`,
      [tenantId, days],
    );
    return rows.map(row => row.name);
  }

  /** Sets a new secret; the previous one also signs for `overlapMs`. */
  async rotate(tx: Tx, id: string, secret: Buffer, overlapMs: number): Promise<boolean> {
    return changed(
      tx,
      `update subscriptions set previous_secret = secret, previous_until = now() + $3 * interval '1 millisecond',
         secret = $2, updated_at = now() where id = $1 and state <> 'deleted' and target_type = 'webhook'`,
      [id, secret, overlapMs],
    );
  }

  /** Disables an active one; false when it is not active. */
  async disable(tx: Tx, id: string, reason: string): Promise<boolean> {
    return changed(
      tx,
      `update subscriptions set state = 'disabled', disabled_reason = $2, updated_at = now() where id = $1 and state = 'active'`,
      [id, reason],
    );
  }

  /** Enables a disabled one; false when it is not disabled. */
  async enable(tx: Tx, id: string): Promise<boolean> {
    return changed(
      tx,
      `update subscriptions set state = 'active', disabled_reason = null, failing_since = null, updated_at = now()
       where id = $1 and state = 'disabled'`,
      [id],
    );
  }

  /** Wipes the secrets; the row stays for the deliveries that refer to it. */
  async remove(tx: Tx, tenantId: string, id: string): Promise<boolean> {
    return changed(
      tx,
      `update subscriptions set state = 'deleted', secret = null, previous_secret = null, updated_at = now()
       where id = $1 and tenant_id = $2 and state <> 'deleted'`,
      [id, tenantId],
    );
  }

  /** Records whether deliveries fail; returns since when, or `null` after a success. */
  async recordFailing(tx: Tx, id: string, failing: boolean): Promise<Date | null> {
    const rows = await updated<{ failing_since: Date | null }>(
      tx,
      `update subscriptions set failing_since = case when $2 then coalesce(failing_since, now()) end where id = $1 returning failing_since`,
      [id, failing],
    );
    return rows[0]?.failing_since ?? null;
  }

  /** Takes or renews the lease to deliver to an active one, for `leaseMs`; false while another owner has it. */
  async acquirePumpLease(tx: Tx, id: string, owner: string, leaseMs: number): Promise<boolean> {
    return changed(
      tx,
      `update subscriptions set pump_owner = $2, pump_until = now() + $3 * interval '1 millisecond'
       where id = $1 and state = 'active' and (pump_owner is null or pump_owner = $2 or pump_until < now())`,
      [id, owner, leaseMs],
    );
  }

  /** Releases the lease. */
  async releasePumpLease(tx: Tx, id: string, owner: string): Promise<void> {
    await tx.query(
      `update subscriptions set pump_owner = null, pump_until = null where id = $1 and pump_owner = $2`,
      [id, owner],
    );
  }

  /** Active ones with due deliveries and no lease, the longest due first, so that none is passed over for ever. */
  async neglected(tx: Tx, limit: number): Promise<string[]> {
    const rows: { id: string }[] = await tx.query(
      `select s.id from subscriptions s
       cross join lateral (
         select d.next_at from deliveries d
         where d.subscription_id = s.id and d.status = 'pending' and d.next_at <= now() order by d.next_at limit 1) due
       where s.state = 'active' and (s.pump_owner is null or s.pump_until < now())
       order by due.next_at limit $1`,
      [limit],
    );
    return rows.map(row => row.id);
  }

  /** Wakes the delivering processes. */
  async wake(tx: Tx): Promise<void> {
    await notifyEvents(tx);
  }
}
