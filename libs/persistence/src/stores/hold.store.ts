import type { HoldState, OperationState } from '#canonical';
import { In } from 'typeorm';
import type { Tx } from '../database.js';
import { HoldEntity } from '../entities/resource.entity.js';
import { changed, updated } from './statement.js';

/** A stored hold; after `expiresAt` it is not active, whatever its state column still says. */
export type StoredHold = Readonly<Omit<HoldEntity, 'state'> & { state: HoldState }>;

/** Columns that change with a hold's state. */
export interface HoldMove {
  to: HoldState;
  from: readonly HoldState[];
  release?: { reason: string; at: string; verified: boolean };
}

/** The operation that asks the provider for a hold. */
export interface HoldRequest {
  /** Of the hold. */
  id: string;
  operationId: string;
  state: OperationState;
}

// Where the answer was lost the number stays unknown, also once a person has said that the hold was made.
const LOST = `'unknown','needs-review','succeeded'`;

// A hold that is not granted yet has no expiry: that counts from when its request is sent.
const DUE = `h.state in ('active','doubtful') and h.expires_at <= $1 and (h.state = 'active' or not exists (
  select 1 from operations o where o.id = h.operation_id and o.state in ('queued','dispatching')))`;

/** Holds of points; every change of state is conditional on the state before. */
export class HoldStore {
  async insert(
    tx: Tx,
    row: Omit<
      StoredHold,
      'createdAt' | 'updatedAt' | 'consumedBy' | 'release' | 'boundTo' | 'doubtedBy' | 'probeAt' | 'probes'
    >,
  ): Promise<void> {
    await tx.insert(HoldEntity, {
      ...row,
      consumedBy: null,
      release: null,
      doubtedBy: [],
      probes: 0,
    } as never);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { id, tenantId } })) as StoredHold | null;
  }

  /** By id alone, for callers that have already checked the tenant. */
  async byId(tx: Tx, id: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { id } })) as StoredHold | null;
  }

  async byOperation(tx: Tx, operationId: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { operationId } })) as StoredHold | null;
  }

  /** The named holds of one connection, in any order; unknown ids are left out. */
  async findAll(
    tx: Tx,
    tenantId: string,
    connectionId: string,
    ids: readonly string[],
  ): Promise<StoredHold[]> {
    if (ids.length === 0) return [];
    return (await tx.find(HoldEntity, {
      where: { tenantId, connectionId, id: In([...ids]) },
    })) as StoredHold[];
  }

  /** Of holds that were read without the provider's number: those whose request is queued or on its way, or was answered only just, with their operation. */
  async beingMade(tx: Tx, ids: readonly string[]): Promise<HoldRequest[]> {
    if (ids.length === 0) return [];
    return tx.query(
      `select h.id, o.id as "operationId", o.state from holds h join operations o on o.id = h.operation_id
       where h.id = any($1) and (h.provider_refs <> '{}' or o.state not in (${LOST}))`,
      [ids],
    );
  }

  /** Stores the provider's answer to a hold request; the hold stays doubtful if a purchase put it in doubt meanwhile. Returns its state, or null if it had already ended. */
  async confirm(
    tx: Tx,
    id: string,
    said: { providerRefs: Record<string, string>; points: string; expiresAt: Date; customerId?: string },
  ): Promise<HoldState | null> {
    const rows = await updated<{ state: HoldState }>(
      tx,
      `update holds set provider_refs = $2, points = $3, expires_at = $4, customer_id = coalesce($5, customer_id),
         state = case when doubted_by = '{}' then 'active' else 'doubtful' end, updated_at = now()
       where id = $1 and state = 'doubtful' returning state`,
      [id, JSON.stringify(said.providerRefs), said.points, said.expiresAt, said.customerId ?? null],
    );
    return rows[0]?.state ?? null;
  }

  /** Changes the expiry of a hold whose answer was lost. */
  async endsAt(tx: Tx, id: string, expiresAt: Date): Promise<void> {
    await tx.query(
      `update holds set expires_at = $2, updated_at = now() where id = $1 and state = 'doubtful'`,
      [id, expiresAt],
    );
  }

  /** How long ago (ms, by Postgres's clock) the request for the hold was sent. */
  async sentAgo(tx: Tx, operationId: string): Promise<number> {
    const [row] = await tx.query(
      `select extract(epoch from clock_timestamp() - coalesce(last_sent_at, created_at)) * 1000 as ms from operations where id = $1`,
      [operationId],
    );
    return Number(row.ms);
  }

  /** Binds holds to an operation; returns the ids of those that no other has. */
  async bind(tx: Tx, ids: readonly string[], operationId: string): Promise<string[]> {
    const rows = await updated(
      tx,
      `update holds set bound_to = $2 where id in (select id from holds where id = any($1) order by id for update)
         and (bound_to is null or bound_to = $2) returning id`,
      [ids, operationId],
    );
    return rows.map(row => row.id);
  }

  /** Unbinds the hold, so that another purchase can name it. */
  async unbind(tx: Tx, id: string): Promise<void> {
    await tx.query(`update holds set bound_to = null where id = $1`, [id]);
  }

  /** One conditional change of state; false when the hold is no longer in one of the `from` states. */
  async move(tx: Tx, id: string, step: HoldMove): Promise<boolean> {
    return changed(
      tx,
      `update holds set state = $2, release = coalesce($4, release), updated_at = now()
       where id = $1 and state = any($3)`,
      [id, step.to, step.from, step.release ? JSON.stringify(step.release) : null],
    );
  }

  /**
   * A purchase stands that named the hold. One that ended by time meanwhile was used up all the same if the purchase's request
   * left before that; `now` is the caller's clock, in which the hold's end is written. False when it was not used up by it.
   */
  async consume(
    tx: Tx,
    id: string,
    by: { purchaseId: string; operationId: string; now: Date },
  ): Promise<boolean> {
    return changed(
      tx,
      `update holds h set state = 'consumed', consumed_by = $2, updated_at = now()
       where h.id = $1 and (h.state in ('active','doubtful') or (h.state = 'expired' and h.bound_to = $3 and h.expires_at >
         $4::timestamptz - (select clock_timestamp() - o.first_sent_at from operations o where o.id = $3)))`,
      [id, by.purchaseId, by.operationId, by.now],
    );
  }

  /** Sets due holds to `expired`; rows locked by another process are skipped. */
  async expireDue(tx: Tx, now: Date, limit: number): Promise<StoredHold[]> {
    const rows = await updated<{ id: string }>(
      tx,
      // Materialised: as a subquery it may be run again for each row, which then locks more than are updated.
      `with due as materialized (
         select h.id from holds h where ${DUE} order by h.expires_at limit $2 for update skip locked)
       update holds set state = 'expired', updated_at = now() from due where holds.id = due.id returning holds.id`,
      [now, limit],
    );
    if (rows.length === 0) return [];
    return (await tx.find(HoldEntity, { where: { id: In(rows.map(row => row.id)) } })) as StoredHold[];
  }

  /** As `expireDue`, for one hold that is being read; false when it is not due. */
  async expireOne(tx: Tx, id: string, now: Date): Promise<boolean> {
    return changed(
      tx,
      `update holds h set state = 'expired', updated_at = now() where h.id = $2 and ${DUE}`,
      [now, id],
    );
  }

  /** Unix seconds, up to a moment, at which live holds expire, for the sweep that rebuilds expiry jobs. */
  async expirySeconds(tx: Tx, until: Date): Promise<number[]> {
    const rows: { second: string }[] = await tx.query(
      `select distinct ceil(extract(epoch from expires_at))::bigint as second from holds
       where state in ('active','doubtful') and expires_at <= $1 order by 1`,
      [until],
    );
    return rows.map(row => Number(row.second));
  }
}
