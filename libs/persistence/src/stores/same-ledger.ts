import type { OpenTx } from '../database.js';

/** The connections that see the ledger of this one at the provider, itself included: those with its token, and the tenant's others to a merchant's own address, whose keys may differ. */
export const sameLedger = (id: string): string =>
  `select same.id from connections own join connections same
     on same.id = own.id or same.lane = own.lane and same.deleted_at is null
     or same.base_url = own.base_url and same.own_site and same.deleted_at is null
       and same.tenant_id = own.tenant_id and same.provider = own.provider
     where own.id = ${id}`;

/** SQL: the names by which those connections find each other; any two of one ledger have one in common. */
const namesOfLedger = (id: string): string =>
  `select ledger.name from connections own
     cross join unnest(array[own.lane, case when own.own_site then concat_ws(' ', own.tenant_id, own.provider, own.base_url) end]) ledger(name)
     where own.id = ${id} and ledger.name is not null`;

/** `sameLedger`, to be compared with `= any(…)`: read once, so that each of them is found by the statement's own index. */
export const allOfLedger = (id: string): string => `array(${sameLedger(id)})`;

/** Our ids of a customer in the connections to the ledger of this one, itself included: one person has an id in each, and one reference of the provider's. */
export const idsOfPerson = (customer: string, connection: string): string =>
  `array(select ${customer}::text union all select same.customer_id from customer_refs own
     join customer_refs same on same.name = own.name and same.value = own.value
     where own.customer_id = ${customer} and same.connection_id in (${sameLedger(connection)}))`;

/** Claims a number of the provider's in the ledger of a connection until the transaction ends. Two that look at once whether another write has it would not see each other's row: the second waits here. */
export async function claimNumber(
  tx: OpenTx,
  connectionId: string,
  of: string,
  number: string,
): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', $3::text, name, $2::text), 0)) from (${namesOfLedger('$1')}) ledger`,
    [connectionId, number, of],
  );
}
