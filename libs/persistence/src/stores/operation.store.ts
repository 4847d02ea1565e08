import { terminalStates } from '#canonical';
import type { Evidence, OperationState, Outcome, Problem, RetryClass } from '#canonical';
import type { Tx } from '../database.js';
import { FOR_ITS_VALUES } from '../prepared-client.js';
import { OperationEntity, OperationEventEntity } from '../entities/operation.entity.js';
import type { Search } from '../entities/search.js';
import { LeaseStore, leasedFor } from './lease.store.js';
import type { Claim } from './lease.store.js';
import { OPERATION_COLUMNS, insertClaimedOperation, insertOperation } from './operation-row.js';
import type { ClaimedInsert, Lease, OperationInsert, StoredOperation } from './operation-row.js';
import { changed, countChanged, isUniqueViolation, rowOf, updated } from './statement.js';
import { TurnStore, waitsItsTurn } from './turn.store.js';

/** The part of an operation, as it was read, that a claim checks or needs. */
export type Claimable = Pick<StoredOperation, 'id' | 'fence' | 'serialKey' | 'writeSent'>;

/**
 * Why nothing may be sent: another process has the row (`taken`), another spend of the customer is open (`spend`), another call with
 * the serial key is open or an older one is queued (`serial`), or it is too late for this claim, since the connection was paused (`late`).
 */
export type WhyBlocked = 'taken' | 'spend' | 'serial' | 'late';

/** A claim, or why there is none that may be used. */
export type ClaimAnswer = { claim: Claim } | { blocked: WhyBlocked };

/** What a sending notes on the row, with its claim or its mark. */
export interface SendNote {
  /** The class under which it is sent; the settings may have changed since it was accepted. */
  retryClass?: RetryClass;
  /** Results of the reading steps, sealed. */
  steps?: Buffer | null;
  /** The customer identified by a step. */
  customerLock?: string;
}

/** The same for a claim. */
export interface ClaimNote extends SendNote {
  /** The request with the effect is sent now. */
  write?: boolean;
  /** The connection's lane when it was opened: with another lane it may be another account, or one that was deleted, and a look-up there would not find what was sent here. */
  lane?: string;
}

/** The outcome of an operation, or what is known of it so far. */
export interface Ending {
  state: OperationState;
  outcome: Outcome;
  evidence: Evidence;
  /** What is kept of the provider's answer, sealed; absent = what was kept before stays. */
  kept?: object;
  /** Absent = none: one from before is cleared. */
  problem?: Problem | null;
  /** Absent = it stays. */
  reconcile?: Search;
  /** Absent = it wakes no more. */
  wakeAt?: Date | null;
}

const turns = new TurnStore();
const leases = new LeaseStore();

/** Operations; every change of state is a conditional UPDATE and adds a line to the timeline. */
export class OperationStore {
  /** Inserts a queued row and returns it; `null` when a live operation of the same kind has the merchant's reference. */
  async insert(tx: Tx, row: OperationInsert): Promise<StoredOperation | null> {
    return insertOperation(
      tx,
      row,
      `on conflict (connection_id, kind, merchant_reference)
         where merchant_reference is not null and state not in ('rejected','cancelled','expired') do nothing`,
    );
  }

  /** As `insert`, for a reference that is expected to be free; otherwise throws a conflict (`isConflict`), which rolls the transaction back. */
  async add(tx: Tx, row: OperationInsert): Promise<StoredOperation> {
    return (await insertOperation(tx, row))!;
  }

  /** As `add`, and claimed by the same statement (`dispatching`, `write_sent`): for a process that can send the request at once. */
  async addClaimed(
    tx: Tx,
    row: ClaimedInsert,
    by: Lease,
  ): Promise<{ operation: StoredOperation; claim: Claim }> {
    const operation = await insertClaimedOperation(tx, row, by);
    return { operation, claim: { id: operation.id, fence: operation.fence } };
  }

  /** The live operation with a merchant's reference. */
  async byReference(
    tx: Tx,
    connectionId: string,
    kind: string | undefined,
    reference: string,
  ): Promise<StoredOperation | null> {
    return tx
      .createQueryBuilder(OperationEntity, 'o')
      .where({ connectionId, ...(kind !== undefined && { kind }), merchantReference: reference })
      .andWhere(`o.state not in ('rejected','cancelled','expired')`)
      .getOne();
  }

  /** One operation of a tenant. */
  async find(tx: Tx, tenantId: string, id: string): Promise<StoredOperation | null> {
    return tx.findOne(OperationEntity, { where: { id, tenantId } });
  }

  /** One operation by id alone: for jobs, which contain only ids. */
  async byId(tx: Tx, id: string): Promise<StoredOperation | null> {
    const [row] = await tx.query(`select ${OPERATION_COLUMNS} from operations where id = $1`, [id]);
    return row ? rowOf(row) : null;
  }

  /** `queued → dispatching`, before the first byte is sent. Fails if another attempt was made since the row was read, or its connection was paused or has got another lane. */
  async claim(tx: Tx, operation: Claimable, by: Lease, note: ClaimNote = {}): Promise<ClaimAnswer> {
    const { id, serialKey, writeSent } = operation;
    try {
      const rows = await updated<{ fence: number }>(
        tx,
        `update operations set state = 'dispatching', outcome = 'unknown', note = null, fence = fence + 1, attempts = attempts + 1, owner = $2,
           ${leasedFor('$3')}, write_sent = write_sent or $4, last_sent_at = case when $4 then clock_timestamp() else last_sent_at end,
           first_sent_at = case when $4 then coalesce(first_sent_at, clock_timestamp()) else first_sent_at end,
           steps = coalesce($5, steps), customer_lock = coalesce($6, customer_lock), updated_at = now(),
           retry_class = coalesce($9, retry_class)
         where id = $1 and state = 'queued' and fence = $7 and ($8::text is null or exists (
           select 1 from connections c where c.id = connection_id and c.lane = $8 and c.state <> 'paused' and c.deleted_at is null for key share))
           and ${isRemembered('$6')} and not ${waitsItsTurn('operations')}
         returning fence`,
        claimValues(operation, by, note),
      );
      const claim = rows[0] && { id, fence: rows[0].fence };
      if (claim) return serialKey === null || writeSent ? { claim } : await this.#inTurn(tx, claim);
      return { blocked: serialKey !== null && (await turns.waits(tx, id)) ? 'serial' : 'taken' };
    } catch (error) {
      if (isUniqueViolation(error, 'operations_spend')) return { blocked: 'spend' };
      if (isUniqueViolation(error, 'operations_serial')) return { blocked: 'serial' };
      throw error;
    }
  }

  // The claim may have waited for an older one just to go back to the queue, which its own statement did not see.
  async #inTurn(tx: Tx, claim: Claim): Promise<ClaimAnswer> {
    if (!(await turns.hasOvertaken(tx, claim.id))) return { claim };
    await this.requeue(tx, claim, { wakeAt: new Date(), reason: 'serial', doubtful: false });
    return { blocked: 'serial' };
  }

  /** Saves the steps' results and that the request with the effect is sent now; renews the lease. */
  async markWrite(tx: Tx, claim: Claim, leaseMs: number, note: SendNote): Promise<ClaimAnswer> {
    try {
      const marked = await changed(
        tx,
        `update operations set write_sent = true, steps = coalesce($3, steps), customer_lock = coalesce($4, customer_lock),
           last_sent_at = clock_timestamp(), first_sent_at = coalesce(first_sent_at, clock_timestamp()), retry_class = coalesce($6, retry_class),
           ${leasedFor('$5')}, updated_at = now()
         where id = $1 and fence = $2 and state = 'dispatching' and ${isRemembered('$4')}
           and not exists (select 1 from connections c where c.id = connection_id and c.state = 'paused')`,
        [
          claim.id,
          claim.fence,
          note.steps ?? null,
          note.customerLock ?? null,
          leaseMs,
          note.retryClass ?? null,
        ],
      );
      if (marked) return { claim };
      return { blocked: (await leases.renew(tx, claim, leaseMs)) ? 'late' : 'taken' };
    } catch (error) {
      if (isUniqueViolation(error, 'operations_spend')) return { blocked: 'spend' };
      throw error;
    }
  }

  /** `dispatching → queued`: nothing was sent, or the call is safe to repeat (`doubtful`: it may have been executed already; `sent`: it counts as not executed, but when it was first sent is kept). */
  async requeue(
    tx: Tx,
    claim: Claim,
    back: { wakeAt: Date; reason: string; doubtful: boolean; sent?: boolean },
  ): Promise<boolean> {
    return changed(
      tx,
      `update operations set state = 'queued', outcome = case when $4 then 'unknown' else 'not-executed' end, owner = null, note = $5,
         lease_until = null, wake_at = $3, write_sent = $4, updated_at = now(),
         first_sent_at = case when $4 or $6 then first_sent_at end, last_sent_at = case when $4 then last_sent_at end,
         -- What was read before a call that never left is read anew: it may be old by then.
         steps = case when $4 then steps end
       where id = $1 and fence = $2 and state = 'dispatching'`,
      [claim.id, claim.fence, back.wakeAt, back.doubtful, back.reason, back.sent ?? false],
    );
  }

  /** Changes the state of a claimed operation (`dispatching` or `unknown` → …); false = nothing was written: the fence is stale or the state is the same. */
  async settle(tx: Tx, claim: Claim, ending: Ending): Promise<boolean> {
    return changed(tx, SETTLE, endingValues(claim, ending));
  }

  /** As `settle`, for a transaction whose COMMIT does not wait for the answer: a stale claim refuses all of it (`isUnmet`, `live-claim`). Values that cannot be written throw here, before anything is sent, and so roll back; a rejection would come after the COMMIT. */
  settleOrRefuse(tx: Tx, claim: Claim, ending: Ending): Promise<unknown> {
    // Not in an async function: nobody waits for its promise before the COMMIT is sent.
    return tx.query(SETTLE_OR_REFUSE, endingValues(claim, ending));
  }

  /** Takes an unknown operation (or one for review) for reconciliation or a person's decision; the state stays, the fence increases. */
  async claimUnknown(
    tx: Tx,
    id: string,
    { owner, leaseMs }: Lease,
    states: readonly OperationState[] = ['unknown'],
  ): Promise<Claim | null> {
    const rows = await updated<{ fence: number }>(
      tx,
      `update operations set fence = fence + 1, owner = $2, ${leasedFor('$3')}
       where id = $1 and state = any($4) and (lease_until is null or lease_until < now()) returning fence`,
      [id, owner, leaseMs, states],
    );
    return rows[0] ? { id, fence: rows[0].fence } : null;
  }

  /** Releases an operation that is still unknown, to be looked up again at `wakeAt`; false = the fence is stale. */
  async putOff(tx: Tx, claim: Claim, search: Search, wakeAt: Date): Promise<boolean> {
    return changed(
      tx,
      `update operations set reconcile = $3, wake_at = $4, owner = null, lease_until = null, updated_at = now()
       where id = $1 and fence = $2 and state = 'unknown'`,
      [claim.id, claim.fence, json(search), wakeAt],
    );
  }

  /** Records that the same request is sent again during reconciliation. */
  async markRepeat(tx: Tx, claim: Claim, leaseMs: number): Promise<boolean> {
    return changed(
      tx,
      `update operations set repeats = repeats + 1, last_sent_at = clock_timestamp(), ${leasedFor('$3')}
       where id = $1 and fence = $2 and state = 'unknown'`,
      [claim.id, claim.fence, leaseMs],
    );
  }

  /** `queued → cancelled | expired`: nothing was sent; a row whose effect may already exist is not withdrawn. */
  async withdraw(
    tx: Tx,
    row: { id: string; tenantId: string },
    state: 'cancelled' | 'expired',
    problem?: Problem,
  ): Promise<boolean> {
    return changed(
      tx,
      `update operations set state = $3, outcome = 'not-executed', note = null, problem = $4, wake_at = null, finished_at = now(), updated_at = now(),
         ask = null, steps = null where id = $1 and tenant_id = $2 and state = 'queued' and not write_sent`,
      [row.id, row.tenantId, state, json(problem)],
    );
  }

  /** Stores the provider's answer (sealed by the caller), to be shown later. */
  async keepResult(tx: Tx, id: string, result: object): Promise<void> {
    await tx.query(`update operations set result = $2 where id = $1`, [id, json(result)]);
  }

  /** Wipes at most `limit` stored answers of operations that ended more than 30 days ago; returns how many. */
  async pruneResults(tx: Tx, limit: number): Promise<number> {
    return countChanged(
      tx,
      `update operations set result = null where id in (
         select id from operations where result is not null and finished_at < now() - interval '30 days' limit $1)`,
      [limit],
    );
  }

  /** Points to another resource: the one to be created already existed. */
  async pointAt(tx: Tx, id: string, resourceId: string): Promise<void> {
    await tx.query(`update operations set resource_id = $2 where id = $1`, [id, resourceId]);
  }

  /** The spend that blocks others of this customer: it runs, is to be sent again, or its outcome is open (`unknown`, `needs-review`). */
  async openSpend(tx: Tx, connectionId: string, customerLock: string): Promise<StoredOperation | null> {
    return tx
      .createQueryBuilder(OperationEntity, 'o')
      .where({ connectionId, customerLock, spend: true })
      .andWhere(
        `(o.state in ('dispatching','unknown','needs-review') or (o.state = 'queued' and o.write_sent))`,
      )
      .getOne();
  }

  /** A page of a tenant's operations, newest first. */
  async page(
    tx: Tx,
    tenantId: string,
    filter: {
      merchantReference?: string;
      state?: string;
      kind?: string;
      connectionId?: string;
      before?: string;
      limit: number;
    },
  ): Promise<StoredOperation[]> {
    const query = tx.createQueryBuilder(OperationEntity, 'o').comment(FOR_ITS_VALUES).where({ tenantId });
    const { merchantReference } = filter;
    if (merchantReference) query.andWhere('o.merchant_reference = :merchantReference', { merchantReference });
    if (filter.state) query.andWhere('o.state = :state', { state: filter.state });
    if (filter.kind) query.andWhere('o.kind = :kind', { kind: filter.kind });
    if (filter.connectionId)
      query.andWhere('o.connection_id = :connectionId', { connectionId: filter.connectionId });
    if (filter.before) query.andWhere('o.id < :before', { before: filter.before });
    return query.orderBy('o.id', 'DESC').take(filter.limit).getMany();
  }

  /** The timeline of an operation, oldest first. */
  async timeline(
    tx: Tx,
    tenantId: string,
    operationId: string,
  ): Promise<Pick<OperationEventEntity, 'at' | 'state' | 'detail'>[]> {
    return tx.find(OperationEventEntity, {
      select: { id: true, at: true, state: true, detail: true },
      where: { tenantId, operationId },
      order: { id: 'ASC' },
    });
  }

  /** Adds a line to the timeline without a change of state (a probe, a person's decision). */
  async note(
    tx: Tx,
    operation: { id: string; tenantId: string; state: string },
    detail: object,
  ): Promise<void> {
    await tx.query(
      `insert into operation_events (operation_id, tenant_id, state, detail) values ($1, $2, $3, $4)`,
      [operation.id, operation.tenantId, operation.state, JSON.stringify(detail)],
    );
  }
}

// A step found them, and they may have been forgotten since: then they are looked up again, for the id that they have now.
const isRemembered = (customer: string): string =>
  `(${customer}::text is null or exists (select 1 from customer_refs r where r.customer_id = ${customer} for key share))`;

const SETTLE = `update operations set state = $3, outcome = $4, note = null, evidence = $5, result = coalesce($6, result), problem = $7,
     reconcile = coalesce($8, reconcile), wake_at = $9, owner = null, lease_until = null, updated_at = now(),
     finished_at = case when $10 then now() end, ask = case when $10 then null else ask end,
     steps = case when $10 then null else steps end
   where id = $1 and fence = $2 and state in ('dispatching','unknown','needs-review') and state <> $3`;

const SETTLE_OR_REFUSE = `with settled as (${SETTLE} returning id) select expected(count(*) = 1, 'live-claim') from settled`;

const claimValues = ({ id, fence }: Claimable, by: Lease, note: ClaimNote): unknown[] => [
  id,
  by.owner,
  by.leaseMs,
  note.write ?? false,
  note.steps ?? null,
  note.customerLock ?? null,
  fence,
  note.lane ?? null,
  note.retryClass ?? null,
];

const endingValues = ({ id, fence }: Claim, ending: Ending): unknown[] => [
  id,
  fence,
  ending.state,
  ending.outcome,
  ending.evidence,
  json(ending.kept),
  json(ending.problem),
  json(ending.reconcile),
  ending.wakeAt ?? null,
  terminalStates.includes(ending.state),
];

const json = (value: object | null | undefined): string | null =>
  value == null ? null : JSON.stringify(value);
