import type { Tx } from '../database.js';
import { EventEntity } from '../entities/journal.entity.js';
import type { StoredEvent } from './event.store.js';
import { updated } from './statement.js';

/** Events as those read them who are told of them: by type or family, for as long as they are kept. */
export class OutboxStore {
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

  /** Removes finished deliveries, and events that none waits for, older than the retention; at most `limit` of each. How many. */
  async prune(tx: Tx, keepDays: number, limit: number): Promise<number> {
    const deliveries = await updated(
      tx,
      `delete from deliveries where id in (select id from deliveries
         where (status <> 'pending' or next_at is null) and created_at < now() - $1 * interval '1 day' limit $2) returning id`,
      [keepDays, limit],
    );
    const events = await updated(
      tx,
      `delete from events where id in (select e.id from events e
         where e.fanned_out_at is not null and e.created_at < now() - $1 * interval '1 day'
           and not exists (select 1 from deliveries d where d.event_id = e.id) limit $2) returning id`,
      [keepDays, limit],
    );
    return deliveries.length + events.length;
  }
}
