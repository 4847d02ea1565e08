import type { HoldState } from '#canonical';
import { In } from 'typeorm';
import type { OpenTx, Tx } from '../database.js';
import { HoldEntity } from '../entities/resource.entity.js';
import type { StoredHold } from './hold.store.js';
import { LATE } from './late.js';
import { allOfLedger, idsOfPerson } from './same-ledger.js';
import { changed, updated } from './statement.js';

/** Selects the holds that an operation at their provider may have dropped. */
export interface Around {
  connectionId: string;
  /** The point of sale of the operation. */
  locationId: string | null;
  /** The id of its customer, if known. */
  customer?: string | null;
  /** Holds that it names: they end with it. */
  except: readonly string[];
}

/** A hold whose doubt was changed, and its previous state. */
export interface Doubted {
  id: string;
  before: HoldState;
  state: HoldState;
}

/** Why holds are doubtful: each row names one operation that may have ended the hold, so that one that was not executed removes only its own doubt. */
export class DoubtStore {
  /** Locks what an operation changes here (the holds around it and those that it names) until the transaction ends; always in one order, so that two tills of one point of sale cannot deadlock. */
  async lock(tx: OpenTx, { connectionId, locationId, customer, except }: Around): Promise<void> {
    await tx.query(
      `select 1 from holds h where h.state in ('active','doubtful') and (h.id = any($4) or (${AROUND})) order by h.id for update`,
      [connectionId, locationId, customer ?? null, except],
    );
  }

  /** Puts named holds in doubt by an operation. */
  async doubt(tx: Tx, ids: readonly string[], operationId: string): Promise<Doubted[]> {
    return this.#add(tx, `h.id = any($1)`, [ids, operationId]);
  }

  /** Puts in doubt the provider's holds at a point of sale and those of the customer, over whichever connection they were made. */
  async doubtAround(tx: Tx, around: Around, operationId: string): Promise<Doubted[]> {
    const { connectionId, locationId, customer, except } = around;
    return this.#add(tx, `${AROUND} and not (h.id = any($4))`, [
      connectionId,
      locationId,
      customer ?? null,
      except,
      operationId,
    ]);
  }

  /** Puts in doubt a customer's active holds at a point of sale with an open purchase: the provider may have dropped them to grant another. */
  async doubtEndangered(
    tx: Tx,
    { connectionId, customer, except }: { connectionId: string; customer: string; except: string },
  ): Promise<Doubted[]> {
    return updated<Doubted>(
      tx,
      `with under_way as materialized (
         select o.id, p.location_id, p.hold_ids from operations o join purchases p on p.operation_id = o.id
         where o.connection_id = any(${allOfLedger('$1')}) and o.kind = 'createPurchase'
           and o.write_sent and (o.state = 'dispatching' or o.state in ('queued','unknown') and o.last_sent_at > now() - ${LATE}))
       update holds h set state = 'doubtful', updated_at = now(),
         doubted_by = doubted_by || array(select u.id from under_way u where ${ENDANGERS} order by u.id)
       where h.connection_id = any(${allOfLedger('$1')}) and h.customer_id = any(${idsOfPerson('$2', '$1')})
         and h.state = 'active' and h.guarantee = 'provider' and h.id <> $3
         and exists (select 1 from under_way u where ${ENDANGERS})
       returning h.id, 'active' as before, h.state`,
      [connectionId, customer, except],
    );
  }

  /** The operation was not executed: removes its doubts, restores holds without another doubt and frees the holds that it had bound. One whose time was over by `now` stays as it is until it is ended. */
  async clear(tx: OpenTx, operationId: string, now: Date): Promise<Doubted[]> {
    await tx.query(
      `select 1 from holds where bound_to = $1 or (state = 'doubtful' and doubted_by @> array[$1]) order by id for update`,
      [operationId],
    );
    await tx.query(`update holds set bound_to = null where bound_to = $1`, [operationId]);
    return updated<Doubted>(
      tx,
      `update holds set doubted_by = array_remove(doubted_by, $1), updated_at = now(),
         state = case when array_remove(doubted_by, $1) = '{}' and expires_at > $2 and ${KNOWN} then 'active' else 'doubtful' end
       where state = 'doubtful' and doubted_by @> array[$1] returning id, 'doubtful' as before, state`,
      [operationId, now],
    );
  }

  /** Schedules a look at the provider for `at`; an earlier one stays. */
  async probeAt(tx: Tx, ids: readonly string[], at: Date): Promise<void> {
    await tx.query(
      `update holds set probe_at = least(probe_at, $2), probes = 0 where id = any($1) and state = 'doubtful'`,
      [ids, at],
    );
  }

  /** Takes doubtful holds whose look is due, oldest first; none is taken again before `again`. */
  async takeDue(tx: Tx, now: Date, again: Date, limit: number): Promise<StoredHold[]> {
    const rows = await updated(
      tx,
      `with due as materialized (
         select id from holds where state = 'doubtful' and probe_at <= $1 order by probe_at limit $3 for update skip locked)
       update holds set probe_at = $2, probes = probes + 1 from due where holds.id = due.id returning holds.id`,
      [now, again, limit],
    );
    if (rows.length === 0) return [];
    return (await tx.find(HoldEntity, { where: { id: In(rows.map(row => row.id)) } })) as StoredHold[];
  }

  /** Whether a look can settle the hold now: its number is known, and no open purchase names it or may still drop it. */
  async askable(tx: Tx, { id }: Pick<StoredHold, 'id'>): Promise<boolean> {
    const [row] = await tx.query(
      `select ${KNOWN} and guarantee = 'provider' and bound_to is null and not exists (
         select 1 from operations o where o.id = any(h.doubted_by) and (o.state in ('queued','dispatching')
           or (o.state in ('unknown','needs-review') and o.last_sent_at > now() - ${LATE}))) as askable
       from holds h where id = $1`,
      [id],
    );
    return row?.askable ?? false;
  }

  /** Whether a request was sent, and is not settled, that may end the active hold: its release, the purchase that names it or, if `byOthers`, one of its point of sale or customer. */
  async isBeingEnded(
    tx: Tx,
    { id, connectionId, locationId, customerId }: StoredHold,
    byOthers: boolean,
  ): Promise<boolean> {
    const [row] = await tx.query(
      `select exists (
         select 1 from holds h join operations o on o.id = h.bound_to
         where h.id = $1 and o.write_sent and o.finished_at is null
       ) or $5 and exists (
         select 1 from operations o join purchases p on p.operation_id = o.id
         where o.connection_id = any(${allOfLedger('$2')}) and o.kind = 'createPurchase' and o.write_sent
           and o.state in ('queued','dispatching') and (p.location_id = $3 or o.customer_lock = any(${idsOfPerson('$4', '$2')}))
       ) as ends`,
      [id, connectionId, locationId, customerId, byOthers],
    );
    return row.ends;
  }

  /** Settles the doubt by the provider's answer, unless the hold was put in doubt or bound since the look began, or stood only until its time was over (`now`). */
  async settle(
    tx: Tx,
    hold: Pick<StoredHold, 'id' | 'doubtedBy'>,
    to: 'active' | 'expired',
    now: Date,
    release?: { reason: string; at: string; verified: boolean },
  ): Promise<boolean> {
    return changed(
      tx,
      `update holds set state = $3, doubted_by = '{}', probe_at = null, release = coalesce($4, release), updated_at = now()
       where id = $1 and state = 'doubtful' and bound_to is null and doubted_by = $2
         and ($3 = 'expired' or expires_at > $5)`,
      [hold.id, hold.doubtedBy, to, release ? JSON.stringify(release) : null, now],
    );
  }

  /** The look settled nothing: the next is at `at`, or never. */
  async putOff(tx: Tx, id: string, at: Date | null): Promise<void> {
    await tx.query(`update holds set probe_at = $2 where id = $1 and state = 'doubtful'`, [id, at]);
  }

  /** The operation is the last of the parameters. */
  async #add(tx: Tx, condition: string, parameters: unknown[]): Promise<Doubted[]> {
    const operation = `$${parameters.length}`;
    return updated<Doubted>(
      tx,
      `update holds h set state = 'doubtful', doubted_by = array_append(doubted_by, ${operation}), updated_at = now()
       from (select h.id, h.state from holds h where h.state in ('active','doubtful') and not (h.doubted_by @> array[${operation}])
             and ${condition} order by h.id for update) was
       where h.id = was.id returning h.id, was.state as before, h.state`,
      parameters,
    );
  }
}

// In the ledger of a connection ($1): what the provider keeps at a point of sale ($2) and what it keeps for a customer ($3).
const AROUND = `h.connection_id = any(${allOfLedger('$1')}) and h.guarantee = 'provider' and (h.location_id = $2
  or h.customer_id = any(${idsOfPerson('$3', '$1')}) or (h.customer_id is null and exists (
    select 1 from operations o where o.id = h.operation_id and o.customer_lock = any(${idsOfPerson('$3', '$1')}))))`;

// A purchase under way (u) does not drop the holds that it names: they end with it.
const ENDANGERS = `u.location_id = h.location_id and not (h.id = any(u.hold_ids))`;

// A hold whose answer was lost has no provider number: nothing can make it active.
const KNOWN = `(guarantee = 'advisory' or provider_refs <> '{}')`;
