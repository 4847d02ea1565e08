import { floorPoints, isZeroMoney, leastPoints } from '#canonical';
import type { Customer, CustomerData, LookupRequest, Page, ProviderRefs, Transaction } from '#canonical';
import type { StoredCustomer, StoredHold } from '#persistence';
import { assertLookupBy, supportFor } from '../connections/capability.js';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { usableHolds } from '../holds/holds.js';
import { heldPoints } from '../holds/hold-owner.js';
import { assertParts } from '../kinds/receipt.js';
import { pageAsk, refsOf } from './provider-page.js';
import type { PageRequest } from './provider-page.js';
import { read } from './read.js';
import type { ReadTerms } from './read.js';
import { beforeLook, freePoints, keepsAdvisoryHolds } from '../holds/reserved-points.js';
import { identifierPrint, identityToken, storedCustomer } from './resolve-who.js';

/** A customer as the API shows it: what the provider told, with our id. */
export function customerView(id: string, told: CustomerData, operationId?: string | null): Customer {
  const { identity: _, ...shown } = told;
  return { id, ...shown, ...(operationId ? { operationId } : {}) };
}

/** Finds out who was shown at the till. Points that the gateway itself holds for another sale are not offered. */
export async function lookUpCustomer(
  core: Core,
  connection: OpenConnection,
  body: LookupRequest,
  terms: ReadTerms,
): Promise<Customer> {
  assertLookupBy(connection, body.identifier.type);
  if (body.receipt) assertParts(body.receipt);
  const holds = await usableHolds(core, core.database.direct, connection, body.holdIds ?? []);
  const readAt = await beforeLook(core, connection);
  const found = await findCustomer(core, connection, { body, holds }, terms);
  const customerId = await ourId(core, connection, body, found.providerRefs);
  const token = identityToken(core, connection, {
    identifier: body.identifier,
    customer: found,
    customerId,
  });
  const max = await offered(core, connection, { found, customerId, holds, readAt });
  return {
    ...customerView(customerId, found),
    ...(token ? { identityToken: token } : {}),
    ...(max === undefined ? {} : { maxRedeemPoints: max }),
  };
}

async function findCustomer(
  core: Core,
  connection: OpenConnection,
  { body, holds }: { body: LookupRequest; holds: StoredHold[] },
  terms: ReadTerms,
): Promise<CustomerData> {
  const { identifier, receipt, locationId } = body;
  const own = identifier.type === 'externalId' && (await byExternalId(core, connection, identifier.value));
  // The merchant's own ids are ours to know: providers that take them from us need not find people by them.
  if (own) return toldOf(core, connection, own.refs, terms);
  // A till may look before it has anything on its receipt; not every provider prices nothing.
  const empty = receipt && isZeroMoney(receipt.total);
  const ask = { identifier, receipt: empty ? undefined : receipt, locationId, holds: heldPoints(holds) };
  const found = await read(core, connection, 'lookupCustomer', ask, terms);
  return empty ? { ...found, maxRedeemPoints: '0' } : found;
}

async function byExternalId(
  core: Core,
  connection: OpenConnection,
  externalId: string,
): Promise<StoredCustomer | null> {
  if (connection.adapter.operations.getCustomer.support === 'no') return null;
  const { direct } = core.database;
  const id = await core.stores.customers.byRef(direct, connection.id, 'externalId', externalId);
  return id === null ? null : core.stores.customers.find(direct, connection.tenantId, id);
}

async function ourId(
  core: Core,
  connection: OpenConnection,
  { identifier }: LookupRequest,
  refs: ProviderRefs,
): Promise<string> {
  // Somebody who could join but has not is known to the provider by nothing but what was shown: a fingerprint stands for it.
  const named =
    Object.keys(refs).length > 0 ? refs : { shown: identifierPrint(core, connection, identifier) };
  const owner = belongingTo(connection);
  const { customers } = core.stores;
  return (
    (await customers.idOf(core.database.direct, connection.id, named)) ??
    core.database.transaction(tx => customers.upsert(tx, owner, named))
  );
}

interface Offer {
  found: CustomerData;
  customerId: string;
  holds: StoredHold[];
  readAt?: Date;
}

async function offered(
  core: Core,
  connection: OpenConnection,
  { found, customerId, holds, readAt }: Offer,
): Promise<string | undefined> {
  const { maxRedeemPoints, balancePoints } = found;
  if (maxRedeemPoints === undefined || balancePoints === undefined || !keepsAdvisoryHolds(connection))
    return maxRedeemPoints;
  const holder = { customerId, balancePoints, readAt };
  const free = await core.database.transaction(tx => freePoints(core, tx, connection, holder, holds));
  return floorPoints(leastPoints(maxRedeemPoints, free));
}

/** One customer as the provider knows them now; where it cannot be asked by its own ids, or told none of them, what we kept, marked `stale`; `not-found` for one who was forgotten. */
export async function readCustomer(
  core: Core,
  connection: OpenConnection,
  customerId: string,
  terms: ReadTerms,
): Promise<Customer> {
  const { direct } = core.database;
  const { refs, operationId } = await storedCustomer(core, direct, connection, customerId);
  const told = await toldOf(core, connection, refs, terms);
  const fresh = Object.entries(told.providerRefs).filter(([name]) => refs[name] === undefined);
  if (fresh.length > 0) {
    const owner = belongingTo(connection);
    await core.stores.customers.upsert(direct, owner, { ...refs, ...Object.fromEntries(fresh) });
  }
  return customerView(customerId, told, operationId);
}

const toldOf = async (
  core: Core,
  connection: OpenConnection,
  refs: ProviderRefs,
  terms: ReadTerms,
): Promise<CustomerData> =>
  connection.adapter.operations.getCustomer.support === 'no' || isOnlyOurs(refs)
    ? keptOf(refs)
    : read(core, connection, 'getCustomer', { refs }, terms);

// A person found that the provider has them; which ids it gave them, its lost answer would have told.
const isOnlyOurs = (refs: ProviderRefs): boolean => Object.keys(refs).every(name => name === 'externalId');

/** A customer by the references that we keep, as nobody was asked. */
export const keptOf = (refs: ProviderRefs): CustomerData => ({
  providerRefs: refs,
  ...(refs['externalId'] === undefined ? {} : { externalId: refs['externalId'] }),
  member: true,
  stale: true,
});

/** Customers of a provider, each with our id. */
export async function listCustomers(
  core: Core,
  connection: OpenConnection,
  wish: PageRequest,
  terms: ReadTerms,
): Promise<Page<Customer>> {
  supportFor(connection, 'listCustomers');
  const { data, next } = await read(core, connection, 'listCustomers', pageAsk(wish), terms);
  const owner = belongingTo(connection);
  const named = data.filter(({ providerRefs }) => Object.keys(providerRefs).length > 0);
  const ids = await core.database.transaction(tx =>
    core.stores.customers.upsertAll(
      tx,
      owner,
      named.map(({ providerRefs }) => providerRefs),
    ),
  );
  return { data: named.map((told, index) => customerView(ids[index]!, told)), next };
}

/** A customer's account at the provider. */
export async function listTransactions(
  core: Core,
  connection: OpenConnection,
  { customerId, ...wish }: PageRequest & { customerId: string },
  terms: ReadTerms,
): Promise<Page<Transaction>> {
  supportFor(connection, 'listTransactions');
  const refs = (await refsOf(core, connection, customerId)) ?? {};
  return read(core, connection, 'listTransactions', { ...pageAsk(wish), refs }, terms);
}
