import type { DeliveryStatus } from '#canonical';
import type { Tx } from '../database.js';
import { EventEntity } from '../entities/journal.entity.js';
import { DeliveryEntity } from '../entities/subscription.entity.js';
import type { StoredEvent } from './event.store.js';

/** The delivery of one event to one subscription. */
export type StoredDelivery = Readonly<DeliveryEntity>;

/** A due delivery with its event. */
export interface DueDelivery {
  id: string;
  /** Attempts so far; also the fence: a result for another number is not written. */
  attempts: number;
  event: StoredEvent;
}

/** What became of a delivery by an attempt. */
export type AttemptEnding =
  | { status: 'delivered'; lastStatus: number | null }
  | { status: 'dead'; lastStatus: number | null; lastError: string }
  | { status: 'pending'; lastStatus: number | null; lastError: string; retryInMs: number };

/** A finished attempt; `attempts` is the number before it. */
export type EndedAttempt = { id: string; attempts: number } & AttemptEnding;

/** Deliveries: one row per event and subscription, from the fan-out until their retention ends. */
export class DeliveryStore {
  /** The due deliveries of a subscription, oldest first, without those that are being sent. */
  async due(
    tx: Tx,
    subscriptionId: string,
    { sending, limit }: { sending: readonly string[]; limit: number },
  ): Promise<DueDelivery[]> {
    const rows: { id: string; attempts: number; event_id: string }[] = await tx.query(
      `select d.id, d.attempts, d.event_id from deliveries d
       where d.subscription_id = $1 and d.status = 'pending' and d.next_at <= now() and d.id <> all($2::text[])
       order by d.next_at, d.id limit $3`,
      [subscriptionId, sending, limit],
    );
    const events = await eventsById(
      tx,
      rows.map(row => row.event_id),
    );
    return rows.map(({ id, attempts, event_id }) => ({ id, attempts, event: events.get(event_id)! }));
  }

  /** One delivery with its event, due or not. */
  async withEvent(tx: Tx, id: string): Promise<DueDelivery | null> {
    const row = await tx.findOne(DeliveryEntity, { where: { id } });
    if (!row) return null;
    const events = await eventsById(tx, [row.eventId]);
    return { id, attempts: row.attempts, event: events.get(row.eventId)! };
  }

  /** Writes the results of attempts; skips one whose result another process has written. What was given up meanwhile may still have arrived. */
  async settle(tx: Tx, ended: readonly EndedAttempt[]): Promise<void> {
    const column = (pick: (one: EndedAttempt) => unknown) => ended.map(pick);
    await tx.query(
      `update deliveries d set attempts = d.attempts + 1, status = e.status, last_status = e.last_status, last_error = e.last_error,
         next_at = case when e.status = 'pending' then now() + e.retry_ms * interval '1 millisecond' end,
         delivered_at = case when e.status = 'delivered' then now() end
       from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::text[], $6::float8[])
         as e(id, attempts, status, last_status, last_error, retry_ms)
       where d.id = e.id and d.attempts = e.attempts
         and (d.status = 'pending' or (d.status = 'dead' and e.status = 'delivered'))`,
      [
        column(one => one.id),
        column(one => one.attempts),
        column(one => one.status),
        column(one => one.lastStatus),
        column(one => ('lastError' in one ? one.lastError : null)),
        column(one => ('retryInMs' in one ? one.retryInMs : null)),
      ],
    );
  }

  /** Makes a delivery due now, from its first attempt. */
  async replay(tx: Tx, tenantId: string, id: string): Promise<void> {
    await tx.query(
      `update deliveries set status = 'pending', attempts = 0, next_at = now(), delivered_at = null, last_error = null,
         last_status = null where id = $1 and tenant_id = $2`,
      [id, tenantId],
    );
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredDelivery | null> {
    return tx.findOne(DeliveryEntity, { where: { id, tenantId } });
  }

  /** A page of a tenant's, newest first. */
  async page(
    tx: Tx,
    tenantId: string,
    filter: { subscriptionId?: string; status?: DeliveryStatus; before?: string; limit: number },
  ): Promise<StoredDelivery[]> {
    const { subscriptionId, status, before, limit } = filter;
    const query = tx.createQueryBuilder(DeliveryEntity, 'd').where({ tenantId });
    if (subscriptionId) query.andWhere({ subscriptionId });
    if (status) query.andWhere({ status });
    if (before) query.andWhere('d.id < :before', { before });
    return query.orderBy('d.id', 'DESC').take(limit).getMany();
  }

  /** Gives up pending deliveries of subscriptions that are not active; a replay can send them later. */
  async giveUpUnwanted(tx: Tx): Promise<void> {
    await tx.query(
      `update deliveries d set status = 'dead', next_at = null, last_error = 'The subscription is ' || s.state || '.'
       from subscriptions s where s.id = d.subscription_id and s.state <> 'active' and d.status = 'pending' and d.next_at is not null`,
    );
  }
}

async function eventsById(tx: Tx, ids: string[]): Promise<Map<string, StoredEvent>> {
  if (ids.length === 0) return new Map();
  const events = await tx
    .createQueryBuilder(EventEntity, 'e')
    .where('e.id = any(:ids)', { ids: [...new Set(ids)] })
    .getMany();
  return new Map(events.map(event => [event.id, event]));
}
