import { newId } from '#canonical';
import { sendWithCommit } from '../database.js';
import type { Tx } from '../database.js';
import { OPERATION_CHANNEL } from '../notifications.js';
import { EventEntity } from '../entities/journal.entity.js';
import { OPERATION_COLUMNS } from './operation-row.js';
import type { StoredOperation } from './operation-row.js';
import { rowOf } from './statement.js';

/** A stored event: thin, without personal data. */
export type StoredEvent = Readonly<EventEntity>;

/** A new event, written in the transaction of the change that it reports. */
export interface EventInsert {
  tenantId: string;
  connectionId: string | null;
  type: string;
  resourceType: string;
  resourceId: string;
  /** `{ state, … }`; the resource's id is added. */
  data: Record<string, unknown>;
}

// Tenants may share a lane: each has its own count, so that no gap reveals another tenant's events.
const counterOf = ({ resourceType, resourceId, tenantId }: EventInsert): string =>
  resourceType === 'lane' ? `${resourceId} ${tenantId}` : resourceId;

/** The transactional outbox; `sequence` counts per resource without gaps. */
export class EventStore {
  async append(tx: Tx, event: EventInsert): Promise<void> {
    // The counter's row is locked until the transaction ends, so that sequences follow the order of the commits.
    await tx.query(
      `with counted as (insert into event_sequences (resource_id, last) values ($8, 1)
         on conflict (resource_id) do update set last = event_sequences.last + 1 returning last)
       insert into events (id, tenant_id, connection_id, type, resource_type, resource_id, sequence, data)
       select $1, $2, $3, $4, $6, $5, last, $7 from counted`,
      [
        newId('evt'),
        event.tenantId,
        event.connectionId,
        event.type,
        event.resourceId,
        event.resourceType,
        JSON.stringify({ id: event.resourceId, ...event.data }),
        counterOf(event),
      ],
    );
  }

  /** As `append`, for events of different resources, with the transaction's COMMIT; also wakes those who wait for `operationId`. `seen` gets the operation as committed. */
  async announceAtCommit(
    tx: Tx,
    events: readonly EventInsert[],
    operationId: string,
    seen?: (operation: StoredOperation) => void,
  ): Promise<void> {
    await sendWithCommit(tx, {
      sql: `with told as (
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[])
           as t(id, tenant_id, connection_id, type, resource_type, resource_id, data)),
       counted as (
         insert into event_sequences (resource_id, last) select resource_id, 1 from told
         on conflict (resource_id) do update set last = event_sequences.last + 1 returning resource_id, last),
       written as (
         insert into events (id, tenant_id, connection_id, type, resource_type, resource_id, sequence, data)
         select id, tenant_id, connection_id, type, resource_type, resource_id, last, data from told join counted using (resource_id))
       select ${OPERATION_COLUMNS}, pg_notify('${OPERATION_CHANNEL}', id) from operations where id = $8`,
      seen: ([row]) => row && seen?.(rowOf(row)),
      values: [
        events.map(() => newId('evt')),
        events.map(event => event.tenantId),
        events.map(event => event.connectionId),
        events.map(event => event.type),
        events.map(event => event.resourceType),
        events.map(event => event.resourceId),
        events.map(event => JSON.stringify({ id: event.resourceId, ...event.data })),
        operationId,
      ],
    });
  }
}
