/** The connections with the token of this one, itself included: they see one ledger at the provider. */
export const sameToken = (id: string): string =>
  `select same.id from connections own join connections same
     on same.id = own.id or same.lane = own.lane and same.deleted_at is null where own.id = ${id}`;

/** `sameToken`, to be compared with `= any(…)`: read once, so that each of them is found by the statement's own index. */
export const allWithToken = (id: string): string => `array(${sameToken(id)})`;

/** Our ids of a customer in the connections with the token of this one, itself included: one person has an id in each, and one reference of the provider's. */
export const idsOfPerson = (customer: string, connection: string): string =>
  `array(select ${customer}::text union all select same.customer_id from customer_refs own
     join customer_refs same on same.name = own.name and same.value = own.value
     where own.customer_id = ${customer} and same.connection_id in (${sameToken(connection)}))`;
