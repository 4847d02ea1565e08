import { newId } from '#canonical';
import type { Tx } from '../database.js';
import { EventEntity } from '../entities/journal.entity.js';
import type { StoredEvent } from './event.store.js';
import { countChanged } from './statement.js';

/** Reads the outbox: fans events out to subscriptions and lists them. */
export class OutboxStore {
  /**
   * Creates the deliveries of up to `limit` events that have none yet, oldest first; concurrent processes take
   * different events. Returns the number of events.
   */
  async fanOut(tx: Tx, limit: number): Promise<number> {
    const fresh: { id: string }[] = await tx.query(
      `select id from events where fanned_out_at is null order by created_at, id limit $1 for update skip locked`,
      [limit],
    );
    if (fresh.length === 0) return 0;
    const ids = fresh.map(row => row.id);
    const wanted: { event_id: string; subscription_id: string }[] = await tx.query(
      `select e.id as event_id, s.id as subscription_id from events e
         join subscriptions s on s.tenant_id = e.tenant_id and s.state = 'active'
       where e.id = any($1) and exists (select 1 from unnest(s.events) pattern where ${matches('e.type', 'pattern')})
       order by e.created_at, e.id`,
      [ids],
    );
    await this.#insert(tx, wanted);
    await tx.query(`update events set fanned_out_at = now() where id = any($1)`, [ids]);
    return ids.length;
  }

  async #insert(tx: Tx, pairs: { event_id: string; subscription_id: string }[]): Promise<void> {
    if (pairs.length === 0) return;
    await tx.query(
      `insert into deliveries (id, tenant_id, subscription_id, event_id, event_type, next_at)
       select pair.id, e.tenant_id, pair.subscription_id, e.id, e.type, now()
       from unnest($1::text[], $2::text[], $3::text[]) as pair(id, event_id, subscription_id) join events e on e.id = pair.event_id
       on conflict (event_id, subscription_id) do nothing`,
      [
        pairs.map(() => newId('dlv')),
        pairs.map(pair => pair.event_id),
        pairs.map(pair => pair.subscription_id),
      ],
    );
  }

  /** Creates a delivery without the fan-out, for an event of one subscription only. No pump picks it up. */
  async insertTest(tx: Tx, subscription: { id: string; tenantId: string }, type: string): Promise<string> {
    const [eventId, id] = [newId('evt'), newId('dlv')];
    await tx.query(
      `with counted as (insert into event_sequences (resource_id, last) values ($3, 1)
         on conflict (resource_id) do update set last = event_sequences.last + 1 returning last)
       insert into events (id, tenant_id, type, resource_type, resource_id, sequence, data, fanned_out_at)
       select $1, $2, $4, 'subscription', $3, last, $5, now() from counted`,
      [
        eventId,
        subscription.tenantId,
        subscription.id,
        type,
        JSON.stringify({ id: subscription.id, state: 'test' }),
      ],
    );
    await tx.query(
      `insert into deliveries (id, tenant_id, subscription_id, event_id, event_type) values ($1, $2, $3, $4, $5)`,
      [id, subscription.tenantId, subscription.id, eventId, type],
    );
    return id;
  }

  /** A page of a tenant's events, newest first; `type` is exact, or a family (`purchase.*`). */
  async page(
    tx: Tx,
    tenantId: string,
    filter: { type?: string; before?: string; limit: number },
  ): Promise<StoredEvent[]> {
    const { type, before, limit } = filter;
    const query = tx.createQueryBuilder(EventEntity, 'e').where({ tenantId });
    if (type?.endsWith('.*')) query.andWhere('starts_with(e.type, :family)', { family: type.slice(0, -1) });
    else if (type && type !== '*') query.andWhere({ type });
    if (before) query.andWhere('e.id < :before', { before });
    return query.orderBy('e.id', 'DESC').take(limit).getMany();
  }

  /** Removes finished deliveries and events without pending ones, older than the retention, at most `limit` of each; returns how many. */
  async prune(tx: Tx, keepDays: number, limit: number): Promise<number> {
    const deliveries = await countChanged(
      tx,
      `delete from deliveries where id in (select id from deliveries
         where (status <> 'pending' or next_at is null) and created_at < now() - $1 * interval '1 day'
           and (delivered_at is null or delivered_at < now() - $1 * interval '1 day') limit $2)`,
      [keepDays, limit],
    );
    const events = await countChanged(
      tx,
      `delete from events where id in (select e.id from events e
         where e.fanned_out_at is not null and e.created_at < now() - $1 * interval '1 day'
           and not exists (select 1 from deliveries d where d.event_id = e.id) limit $2)`,
      [keepDays, limit],
    );
    return deliveries + events;
  }
}

/** SQL: whether a type matches a pattern (`*`, `purchase.*`, `purchase.succeeded`). */
const matches = (type: string, pattern: string): string =>
  `(${pattern} = '*' or ${pattern} = ${type} or (right(${pattern}, 2) = '.*' and starts_with(${type}, left(${pattern}, -1))))`;
