import type { CustomerAsk, CustomerCreate, CustomerData, ProviderRefs } from '#canonical';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { customerView, keptOf } from '../reads/customers.js';
import { keepResult, keptResult } from '../run/sealed-result.js';
import { defineKind, emit, pointAt } from './kind.js';
import type { ResourceContext } from './kind.js';

/** A customer made or updated at the provider. What is personal stands in the sealed answer alone. */
export const customerKind = defineKind<CustomerCreate, CustomerAsk, CustomerData>({
  operation: 'createCustomer',
  resourceType: 'customer',
  prefix: 'cus',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body }) {
    const { externalId } = body;
    const known =
      externalId && (await core.stores.customers.byRef(tx, connection.id, 'externalId', externalId));
    return {
      plan: writePlanOf(supportFor(connection, 'createCustomer'), connection.settings),
      // Two requests for one login at the same moment could each find the other's account and take it for their own.
      serialKey: `customer:${core.vault.fingerprint('login', body.username ?? body.email ?? externalId ?? '').slice(0, 32)}`,
      ask: body,
      ...(known ? { resourceId: known } : {}),
    };
  },

  async accept() {
    // A customer is known by the provider's references: there is nothing to write before it has told them.
  },

  async refreshAsk(core, { id }, ask) {
    return { ...ask, othersRefs: await core.stores.twins.ofCustomer(core.database.direct, id) };
  },

  async succeeded(context, { externalId }, customer) {
    const { core, tx, operation } = context;
    await remember(context, {
      ...customer.providerRefs,
      ...(externalId === undefined ? {} : { externalId }),
    });
    await keepResult(core, tx, operation.id, customer);
  },

  async resolved(context) {
    const { core, operation } = context;
    const { externalId } = core.vault.open<CustomerCreate>('operation', operation.id, operation.ask!);
    if (externalId !== undefined) return remember(context, { externalId });
    // The provider's answer would have named the account: by nothing else could the id that was set aside be found again.
    await pointAt(context, operation.id);
  },

  async view(core, tx, operation) {
    const { id, tenantId, resourceId } = operation;
    const told = keptResult<CustomerData>(core, operation);
    if (told) return customerView(resourceId, told, id);
    const stored = await core.stores.customers.find(tx, tenantId, resourceId);
    return stored ? customerView(resourceId, keptOf(stored.refs), id) : undefined;
  },
});

/** Writes the customer by what names them from now on, and tells of them. */
async function remember(context: Omit<ResourceContext, 'connection'>, refs: ProviderRefs): Promise<void> {
  const { core, tx, operation } = context;
  const { id: operationId, tenantId, connectionId, resourceId } = operation;
  const owner = { tenantId, connectionId, operationId, id: resourceId };
  const id = await core.stores.customers.unite(tx, owner, refs);
  // The person was known already: the row and the events that follow name them, not the id that was set aside.
  if (id !== resourceId) await pointAt(context, id);
  await emit(context, {
    type: 'customer.upserted',
    resourceType: 'customer',
    resourceId: id,
    data: { state: 'upserted', operationId },
  });
}
