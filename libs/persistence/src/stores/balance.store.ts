import type { StoredOperation } from './operation-row.js';
import type { OpenTx, Tx } from '../database.js';
import type { StoredCustomer } from './customer.store.js';
import { LATE } from './late.js';
import { allOfLedger, idsOfPerson } from './same-ledger.js';

/** SQL: how long after a hold's end its points may still be given back. */
const FREED = `interval '60 seconds'`;

/** Open operations that affect one customer's balance. `customer` is our id in one connection, which is also the lock key of their spends there. */
export class BalanceStore {
  /** Other transactions that count this person's points, over any connection to the ledger, wait until this one ends. */
  async lock(tx: OpenTx, connectionId: string, customer: string): Promise<void> {
    await tx.query(
      `select pg_advisory_xact_lock(hashtextextended('balance ' || min(id), 0)) from unnest(${idsOfPerson('$2', '$1')}) id`,
      [connectionId, customer],
    );
  }

  /** Points that are not available, over any connection to the ledger: live holds (except the named ones) and spends that run, are unknown, or ended after the balance was read. Decimal text. */
  async reserved(
    tx: Tx,
    { connectionId, customer }: { connectionId: string; customer: string },
    but: { except: readonly string[]; now: Date; readAt?: Date },
  ): Promise<string> {
    const [row] = await tx.query(
      `with live as (
         select id, points from holds where connection_id = any(${allOfLedger('$1')})
           and customer_id = any(${idsOfPerson('$2', '$1')}) and state in ('active','doubtful')
           and expires_at > $4 and not (id = any($3))),
       spent as (
         select p.hold_ids, (p.receipt->>'redeemPoints')::numeric as points
         from operations o join purchases p on p.operation_id = o.id
         where o.connection_id = any(${allOfLedger('$1')}) and o.customer_lock = any(${idsOfPerson('$2', '$1')}) and (
           o.state in ('queued','dispatching','unknown','needs-review') or (o.state = 'succeeded' and o.finished_at >= $5)))
       -- By the receipt, not by the row's own mark: an upgrade took it from those that stood beside another one already.
       -- A spend takes the points of the holds that it names first: those are counted once.
       select (coalesce((select sum(points) from live), 0) + coalesce((select sum(greatest(0, spent.points - coalesce(
         (select sum(live.points) from live where live.id = any(spent.hold_ids)), 0))) from spent), 0))::text as sum`,
      [connectionId, customer, but.except, but.now, but.readAt ?? null],
    );
    return row.sum;
  }

  /** The tenant's open operations for a person (refunds name none), over any connection to the ledger, and the live holds of their points. None that changes their balance is added (`CustomerStore.keep`) before the transaction ends. */
  async openOf(
    tx: Tx,
    { id, tenantId, connectionId }: Pick<StoredCustomer, 'id' | 'tenantId' | 'connectionId'>,
    now: Date,
  ): Promise<string[]> {
    await tx.query('select 1 from customer_refs where customer_id = $1 order by name, value for update', [
      id,
    ]);
    const rows: { id: string }[] = await tx.query(
      `select o.id from operations o where o.connection_id = any(${allOfLedger('$1')})
         and o.customer_lock = any(${idsOfPerson('$2', '$1')}) and o.tenant_id = $3 and o.finished_at is null
       union select o.id from records r join operations o on o.id = r.operation_id
         where r.customer_id = any(${idsOfPerson('$2', '$1')}) and o.tenant_id = $3 and o.finished_at is null
       union select o.id from operations o where o.resource_id = $2 and o.tenant_id = $3 and o.finished_at is null
       union select h.id from holds h where h.connection_id = any(${allOfLedger('$1')})
         and h.customer_id = any(${idsOfPerson('$2', '$1')}) and h.tenant_id = $3 and h.state in ('active','doubtful') and h.expires_at > $4
       order by 1 desc`,
      [connectionId, id, tenantId, now],
    );
    return rows.map(row => row.id);
  }

  /** Whether another write of the operation's customer, over any connection to its ledger, may have changed their balance since its first step read it. */
  async moved(tx: Tx, { id, connectionId, customerLock }: Looking): Promise<boolean> {
    if (customerLock === null) return false;
    const [row] = await tx.query(`${MOVING} select exists (select 1 from moving) as moved`, [
      connectionId,
      customerLock,
      id,
    ]);
    return row.moved;
  }

  /** What did, if that is one write alone of which it is known: a hold that began before that read, or a purchase that was sent after it. The provider answered it, and was asked once. */
  async beside(tx: Tx, { id, connectionId, customerLock }: Looking, now: Date): Promise<Beside | undefined> {
    const [one, ...others] = await tx.query(
      `${MOVING} select
         case when ${ANSWERED} and o.finished_at < began.at and h.state in ('active','doubtful') and h.expires_at > $4
           -- Whatever else put it in doubt may have ended it before that read.
           and h.doubted_by <@ array[$3] then jsonb_build_object('refs', h.provider_refs, 'points', h.points::text) end as hold,
         case when ${ANSWERED} and o.first_sent_at > own.first_sent_at and p.hold_ids = '{}'
           and not p.warnings @> '[{"code":"provider-figures-differ"}]' then p.result end as purchase
       from moving join operations o using (id) join operations own on own.id = $3 cross join began
         left join holds h on h.operation_id = o.id and o.kind = 'createHold'
         left join purchases p on p.operation_id = o.id and o.kind = 'createPurchase'
       limit 2`,
      [connectionId, customerLock, id, now],
    );
    if (!one || others.length > 0) return undefined;
    if (one.hold) return { hold: one.hold };
    if (!one.purchase) return undefined;
    const { redeemedPoints, earnedPoints = '0' } = one.purchase;
    return { purchase: { redeemedPoints, earnedPoints } };
  }
}

/** Of an operation, what its customer's other writes are found by. */
type Looking = Pick<StoredOperation, 'id' | 'connectionId' | 'customerLock'>;

/** Another write of the customer, and what it did to their balance. */
type Beside =
  | { hold: { refs: Record<string, string>; points: string } }
  | { purchase: { redeemedPoints: string; earnedPoints: string } };

// The write o was sent once: both times are read from a running clock, microseconds apart; a repeat follows a 429 after a second at least.
const ONCE = `o.last_sent_at < o.first_sent_at + interval '500 milliseconds'`;

// Its one request was answered with its effect.
const ANSWERED = `o.state = 'succeeded' and o.evidence = 'proof' and ${ONCE}`;

// Over the ledger of a connection ($1), the writes of a customer ($2) that may have changed the balance since the operation ($3) read it.
const MOVING = `
  with began as (
    select max(e.at) as at from operation_events e where e.operation_id = $3 and e.state = 'dispatching'
      -- An attempt after a request that may have had its effect keeps what was read before that.
      and not exists (select 1 from operation_events doubt where doubt.operation_id = $3 and doubt.id < e.id
        and doubt.state = 'queued' and doubt.detail->>'outcome' = 'unknown')),
  named as (select coalesce((select hold_ids from purchases where operation_id = $3), '{}') as ids),
  moving as (
    select o.id from began, named, operations o left join holds h on h.operation_id = o.id and o.kind = 'createHold'
    where o.connection_id = any(${allOfLedger('$1')}) and o.customer_lock = any(${idsOfPerson('$2', '$1')})
      and o.id <> $3 and o.write_sent
      and not (o.state = 'rejected' and o.evidence = 'proof')
      and case when o.kind = 'createHold'
        -- A hold that lives beside the purchase may end between the two looks, by time or by the purchase itself. Its
        -- provider may give the points back some time after its end, which for us is a moment before that.
        -- One that was asked for twice may stand twice, and of one nobody knows the name.
        then h.guarantee = 'provider' and (not ${ONCE} or not (h.id = any(named.ids)))
          and case when not ${ONCE} or h.state in ('active','doubtful','expired')
            then greatest(h.updated_at, h.expires_at + ${FREED}) else h.updated_at end >= began.at
        -- Ended without evidence is a person's word: what was sent may still come to be executed after it.
        else o.state = 'dispatching' or case when o.evidence = 'none' then o.last_sent_at + ${LATE}
          else least(o.finished_at, o.last_sent_at + ${LATE}) end >= began.at end)`;
