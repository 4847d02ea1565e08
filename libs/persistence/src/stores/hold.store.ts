import type { HoldState } from '#canonical';
import { In } from 'typeorm';
import type { Tx } from '../database.js';
import { HoldEntity } from '../entities/resource.entity.js';
import { updated } from './statement.js';

/** A stored hold; after `expiresAt` it is not active, whatever its state column still says. */
export type StoredHold = Readonly<Omit<HoldEntity, 'state'> & { state: HoldState }>;

/** What a hold's change of state brings with it. */
export interface HoldMove {
  to: HoldState;
  from: readonly HoldState[];
  consumedBy?: string;
  release?: { reason: string; at: string; verified: boolean };
}

/** Holds of points; every change of state is conditional on the state before. */
export class HoldStore {
  async insert(
    tx: Tx,
    row: Omit<StoredHold, 'createdAt' | 'updatedAt' | 'consumedBy' | 'release'>,
  ): Promise<void> {
    await tx.insert(HoldEntity, { ...row, consumedBy: null, release: null } as never);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { id, tenantId } })) as StoredHold | null;
  }

  /** By id alone, inside work that already knows its tenant. */
  async byId(tx: Tx, id: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { id } })) as StoredHold | null;
  }

  async byOperation(tx: Tx, operationId: string): Promise<StoredHold | null> {
    return (await tx.findOne(HoldEntity, { where: { operationId } })) as StoredHold | null;
  }

  /** The named holds of one connection, in any order; missing ones are missing. */
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

  /** Fills in what the provider said of a hold that was asked for. */
  async confirm(
    tx: Tx,
    id: string,
    said: {
      providerRefs: Record<string, string>;
      points: string;
      expiresAt: Date;
      customerId?: string;
      state: HoldState;
    },
  ): Promise<void> {
    await updated(
      tx,
      `update holds set provider_refs = $2, points = $3, expires_at = $4, customer_id = coalesce($5, customer_id), state = $6, updated_at = now()
       where id = $1 and state in ('active','doubtful') returning id`,
      [
        id,
        JSON.stringify(said.providerRefs),
        said.points,
        said.expiresAt,
        said.customerId ?? null,
        said.state,
      ],
    );
  }

  /** One conditional step; false when the hold is no longer in one of the states it must leave. */
  async move(tx: Tx, id: string, step: HoldMove): Promise<boolean> {
    const rows = await updated(
      tx,
      `update holds set state = $2, consumed_by = coalesce($4, consumed_by), release = coalesce($5, release), updated_at = now()
       where id = $1 and state = any($3) returning id`,
      [id, step.to, step.from, step.consumedBy ?? null, step.release ? JSON.stringify(step.release) : null],
    );
    return rows.length === 1;
  }

  /** Takes due holds (their time has come) and writes them `expired`; rows that another process works on are skipped. */
  async expireDue(tx: Tx, now: Date, limit: number): Promise<StoredHold[]> {
    const rows = await updated<{ id: string }>(
      tx,
      `update holds set state = 'expired', updated_at = now() where id in (
         select id from holds where state in ('active','doubtful') and expires_at <= $1 order by expires_at limit $2 for update skip locked)
       returning id`,
      [now, limit],
    );
    if (rows.length === 0) return [];
    return (await tx.find(HoldEntity, { where: { id: In(rows.map(row => row.id)) } })) as StoredHold[];
  }

  /** Seconds (unix) up to a moment at which live holds end, for the sweep that rebuilds expiry jobs. */
  async expirySeconds(tx: Tx, until: Date): Promise<number[]> {
    const rows: { second: string }[] = await tx.query(
      `select distinct ceil(extract(epoch from expires_at))::bigint as second from holds
       where state in ('active','doubtful') and expires_at <= $1 order by 1`,
      [until],
    );
    return rows.map(row => Number(row.second));
  }

  /** Makes whoever counts a customer's points in another transaction wait for this one. */
  async lockCustomer(tx: Tx, connectionId: string, customerLock: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [
      `${connectionId} ${customerLock}`,
    ]);
  }

  /** Live provider holds at a point of sale, without the named ones: what an operation there may have dropped. */
  async othersAt(
    tx: Tx,
    connectionId: string,
    locationId: string,
    except: readonly string[],
  ): Promise<StoredHold[]> {
    return (await tx
      .createQueryBuilder(HoldEntity, 'h')
      .where({ connectionId, locationId, state: 'active', guarantee: 'provider' })
      .andWhere('not (h.id = any(:except))', { except: [...except] })
      .getMany()) as StoredHold[];
  }

  /** Points that live holds reserve for a customer, without the named ones; a decimal text. */
  async reserved(
    tx: Tx,
    connectionId: string,
    customerLock: string,
    except: readonly string[],
    now: Date,
  ): Promise<string> {
    const [row] = await tx.query(
      `select coalesce(sum(points), 0)::text as sum from holds
       where connection_id = $1 and customer_lock = $2 and state in ('active','doubtful') and expires_at > $4 and not (id = any($3))`,
      [connectionId, customerLock, except, now],
    );
    return row.sum;
  }
}
