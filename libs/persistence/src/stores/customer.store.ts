import { newId } from '#canonical';
import type { ProviderRefs } from '#canonical';
import type { Tx } from '../database.js';
import { CustomerEntity, CustomerRefEntity } from '../entities/resource.entity.js';
import { unquote } from './quotations.js';

/** A stored customer: our id and the provider's references, no personal data. */
export interface StoredCustomer {
  id: string;
  tenantId: string;
  connectionId: string;
  externalId: string | null;
  operationId: string | null;
  refs: ProviderRefs;
}

/** Whose a new customer is, by what it was made, and the id that was set aside for it. */
interface CustomerOwner {
  tenantId: string;
  connectionId: string;
  operationId?: string;
  id?: string;
}

// Whoever forgets them deletes these rows.
const KNOWN = 'select 1 from customer_refs where customer_id = $1 limit 1 for key share';

// With a status it counts as kept: an answer that was told and is only now to be kept must not come after the erasure. Repeats are told from the row.
const withoutAnswer = 'update idempotency_keys set body = null, status = coalesce(status, 200)';

/** Customers are provider references with an id of ours; two references of one person meet in one row. */
export class CustomerStore {
  async find(tx: Tx, tenantId: string, id: string): Promise<StoredCustomer | null> {
    const customer = await tx.findOne(CustomerEntity, { where: { id, tenantId } });
    if (!customer) return null;
    const refs = await tx.find(CustomerRefEntity, { where: { customerId: id } });
    return { ...customer, refs: Object.fromEntries(refs.map(ref => [ref.name, ref.value])) };
  }

  /** Finds the customer by one reference (`externalId`, `uid`, …). */
  async byRef(tx: Tx, connectionId: string, name: string, value: string): Promise<string | null> {
    const ref = await tx.findOne(CustomerRefEntity, {
      select: { customerId: true },
      where: { connectionId, name, value },
    });
    return ref?.customerId ?? null;
  }

  /** Our id for these references, as long as all of them are known; else they are for `upsert`. */
  async idOf(tx: Tx, connectionId: string, refs: ProviderRefs): Promise<string | null> {
    const { id, fresh } = await this.#known(tx, connectionId, refs);
    return fresh ? null : id;
  }

  /** Our id for these references: the known customer that has one of them, else a new one (`owner.id` where given); new references are added. */
  async upsert(tx: Tx, owner: CustomerOwner, refs: ProviderRefs): Promise<string> {
    const told = [owner.connectionId, Object.keys(refs), Object.values(refs)];
    if (Object.keys(refs).length === 0) throw new Error('A customer needs at least one provider reference.');
    const { id: known, fresh } = await this.#known(tx, owner.connectionId, refs);
    if (known && !fresh) return known;
    const id = known ?? (await this.#insert(tx, owner, refs));
    await tx.query(
      `insert into customer_refs (connection_id, name, value, customer_id)
       select $1, name, value, $4 from unnest($2::text[], $3::text[]) as r(name, value)
       order by name, value on conflict do nothing`,
      [...told, id],
    );
    if (known) return id;
    // Two processes may insert the same person concurrently; the unique reference decides whose row stays.
    const { id: winner } = await this.#known(tx, owner.connectionId, refs);
    if (!winner || winner === id) return id;
    await tx.query(`update customer_refs set customer_id = $2 where customer_id = $1`, [id, winner]);
    await tx.query(`delete from customers where id = $1`, [id]);
    return winner;
  }

  /** The same for references that one answer of the provider puts side by side. Several customers who have them were one person met apart, and become one: the only one with other references besides, else the oldest. */
  async unite(tx: Tx, owner: CustomerOwner, refs: ProviderRefs): Promise<string> {
    const id = await this.upsert(tx, owner, refs);
    const told = [owner.connectionId, Object.keys(refs), Object.values(refs)];
    // Locked in one order: two answers about one person never wait for each other crosswise.
    const having: { id: string }[] = await tx.query(
      `select r.customer_id as id
       from customer_refs r join unnest($2::text[], $3::text[]) as a(name, value) using (name, value)
       where r.connection_id = $1 order by name, value for update of r`,
      told,
    );
    const ids = [...new Set(having.map(row => row.id))].toSorted();
    if (ids.length < 2) return id;
    const richer: { id: string }[] = await tx.query(
      `select distinct customer_id as id from customer_refs where connection_id = $1 and customer_id = any($4)
         and (name, value) not in (select * from unnest($2::text[], $3::text[]))`,
      [...told, ids],
    );
    // Registered as two people: this answer alone does not make them one.
    if (richer.length > 1) return id;
    const winner = richer[0]?.id ?? ids[0]!;
    const others = ids.filter(one => one !== winner);
    await this.#takeIn(tx, winner, others);
    return winner;
  }

  /** All that is kept of the others becomes the winner's, or it would stay when that one is forgotten; where people are registered, nobody sells or holds points. */
  async #takeIn(tx: Tx, winner: string, others: string[]): Promise<void> {
    await tx.query(`update customer_refs set customer_id = $1 where customer_id = any($2)`, [winner, others]);
    await tx.query(`update records set customer_id = $1 where customer_id = any($2)`, [winner, others]);
    await tx.query(`update operations set resource_id = $1 where resource_id = any($2)`, [winner, others]);
    await tx.query(`update customers set external_id = null where id = any($1)`, [others]);
  }

  // A row with `owner.id` is that of somebody who was forgotten meanwhile: whoever comes back gets a new id.
  async #insert(tx: Tx, { id = newId('cus'), ...owner }: CustomerOwner, refs: ProviderRefs): Promise<string> {
    const rows: unknown[] = await tx.query(
      `insert into customers (id, tenant_id, connection_id, external_id, operation_id) values ($1, $2, $3, $4, $5)
       on conflict (id) do nothing returning id`,
      [id, owner.tenantId, owner.connectionId, refs.externalId ?? null, owner.operationId ?? null],
    );
    return rows.length === 1 ? id : this.#insert(tx, owner, refs);
  }

  /** Our ids for many references at once (lists), in their order. */
  async upsertAll(
    tx: Tx,
    owner: { tenantId: string; connectionId: string },
    all: ProviderRefs[],
  ): Promise<string[]> {
    // Always in one order: two readers of one list never wait for each other crosswise.
    const order = all
      .map((refs, at) => ({ refs, at, key: JSON.stringify(refs) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const ids: string[] = [];
    for (const { refs, at } of order) ids[at] = await this.upsert(tx, owner, refs);
    return ids;
  }

  /** Whether the person is known here, and not forgotten; in a transaction they cannot be before it ends. */
  async keep(tx: Tx, id: string): Promise<boolean> {
    const rows: unknown[] = await tx.query(KNOWN, [id]);
    return rows.length > 0;
  }

  /** As `keep`, for a transaction that does not wait for the answer: it is refused (`isUnmet`, `remembered`) for a person who was forgotten. */
  async keepOrRefuse(tx: Tx, id: string): Promise<void> {
    await tx.query(`select expected(exists (${KNOWN}), 'remembered')`, [id]);
  }

  /** Forgets a person: references (also where a popup or a conversion named them), tokens, sealed answers and what the call log quotes of them go; the id stays on what was booked. */
  async erase(tx: Tx, tenantId: string, id: string): Promise<boolean> {
    const customer = await tx.findOne(CustomerEntity, {
      select: { id: true, connectionId: true },
      where: { id, tenantId },
    });
    if (!customer) return false;
    const refs: { value: string }[] = await tx.query(
      `select value from customer_refs where customer_id = $1`,
      [id],
    );
    const values = refs.map(({ value }) => value);
    if (values.length > 0) {
      await unquote(tx, customer.connectionId, values);
      await this.#unname(tx, customer.connectionId, values);
    }
    await tx.query(`delete from customer_refs where customer_id = $1`, [id]);
    await tx.query(`update customers set external_id = null where id = $1`, [id]);
    await tx.query(`update records set sealed = null, body = body - 'userId' where customer_id = $1`, [id]);
    await tx.query(`update operations set result = null where resource_id = $1`, [id]);
    await tx.query(
      `${withoutAnswer} where operation_id in (select id from operations where resource_id = $1)`,
      [id],
    );
    return true;
  }

  // A conversion says who got a bonus for it: the money stays, with nobody's name, also in the answer kept for its key.
  async #unname(tx: Tx, connectionId: string, references: string[]): Promise<void> {
    await tx.query(
      `with named as (
         update records r set body = jsonb_set(body, '{bonuses}', (
           select jsonb_agg(case when one->>'customerRef' = any($2) then one || '{"customerRef": "***"}' else one end order by nth)
           from jsonb_array_elements(r.body->'bonuses') with ordinality as b(one, nth)))
         where connection_id = $1 and type = 'conversion' and exists (
           select 1 from jsonb_array_elements(case jsonb_typeof(r.body->'bonuses') when 'array' then r.body->'bonuses' else '[]' end) as b(one)
           where one->>'customerRef' = any($2))
         returning operation_id)
       ${withoutAnswer} where operation_id in (select operation_id from named)`,
      [connectionId, references],
    );
  }

  /** The customer whom one of the references names, and whether another of them is not known yet. */
  async #known(
    tx: Tx,
    connectionId: string,
    refs: ProviderRefs,
  ): Promise<{ id: string | null; fresh: boolean }> {
    const [row]: { id: string | null; known: number }[] = await tx.query(
      `select min(r.customer_id) as id, count(*)::int as known
       from customer_refs r join unnest($2::text[], $3::text[]) as a(name, value) using (name, value)
       where r.connection_id = $1`,
      [connectionId, Object.keys(refs), Object.values(refs)],
    );
    return { id: row!.id, fresh: row!.known < Object.keys(refs).length };
  }
}
