import type { CustomerCreate, CustomerData } from '#canonical';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { customerView } from '../reads/customers.js';
import { keepResult, keptResult } from '../run/sealed-result.js';
import { defineKind, emit } from './kind.js';

/** A customer made or updated at the provider. What is personal stands in the sealed answer alone. */
export const customerKind = defineKind<CustomerCreate, CustomerCreate, CustomerData>({
  kind: 'createCustomer',
  resourceType: 'customer',
  prefix: 'cus',
  laneClass: 'write',

  async prepare(core, tx, connection, { body }) {
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

  async succeeded(context, { externalId }, customer) {
    const { core, tx, operation, connection } = context;
    const owner = {
      tenantId: connection.tenantId,
      connectionId: connection.id,
      operationId: operation.id,
      id: operation.resourceId,
    };
    const refs = { ...customer.providerRefs, ...(externalId === undefined ? {} : { externalId }) };
    const id = await core.stores.customers.upsert(tx, owner, refs);
    if (id !== operation.resourceId) {
      // The person was known already: the row and the events that follow name them, not the id that was set aside.
      await core.stores.operations.pointAt(tx, operation.id, id);
      Object.assign(operation, { resourceId: id });
    }
    await keepResult(core, tx, operation.id, customer);
    await emit(context, {
      type: 'customer.upserted',
      resourceType: 'customer',
      resourceId: id,
      data: { state: 'upserted', operationId: operation.id },
    });
  },

  async view(core, _tx, operation) {
    const told = keptResult<CustomerData>(core, operation) ?? { providerRefs: {}, member: true, stale: true };
    return customerView(operation.resourceId, told, operation.id);
  },
});
