import type { Lead, LeadAsk, LeadCreate, LeadData } from '#canonical';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { byCustomer } from '../reads/resolve-who.js';
import { defineKind, pointAt } from './kind.js';
import { fillRecord, insertRecord } from './record.js';

/** A recommended person, handed over to the provider. Whom to call stands in the sealed ask alone, and is gone with it. */
export const leadKind = defineKind<LeadCreate, LeadAsk, LeadData>({
  operation: 'createLead',
  resourceType: 'lead',
  prefix: 'led',
  eventPrefix: 'referral.lead',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body }) {
    const support = supportFor(connection, 'createLead');
    const { subject, customerId } = await byCustomer(core, tx, connection, body.referrerCustomerId);
    return {
      plan: writePlanOf(support, connection.settings),
      customerId,
      // A form that is sent twice: beside the first lead, the second could not tell whose the new one in the list is.
      serialKey: `lead:${core.vault.fingerprint('lead', `${customerId} ${firstWordOf(body.contact.name)}`).slice(0, 32)}`,
      ask: {
        referrer: subject.refs ?? {},
        contact: body.contact,
        offerId: body.offerId,
        metadata: body.metadata,
      },
    };
  },

  async accept(context, operation, { customerId }) {
    await insertRecord(context, operation, { type: 'lead', customerId, body: { status: 'new' } });
  },

  async succeeded(context, _ask, { providerRef, status, providerStatus }) {
    const { core, tx, operation, connection } = context;
    if (providerRef !== undefined) {
      const own = { id: operation.resourceId, connectionId: connection.id, type: 'lead', providerRef };
      // A list may have shown it before its answer came, or an earlier request was answered with it: that id may be in use.
      const id = await core.stores.records.unite(tx, own);
      if (id !== operation.resourceId) await pointAt(context, id);
    }
    await fillRecord(context, { providerRef, status, providerStatus });
  },

  async view(core, tx, operation): Promise<Lead> {
    const { tenantId, resourceId: id } = operation;
    const { body } = (await core.stores.records.find(tx, tenantId, 'lead', id))!;
    const { providerRef, status, providerStatus } = body as unknown as LeadData;
    return {
      id,
      ...(providerRef ? { providerRef } : {}),
      status,
      ...(providerStatus === undefined ? {} : { providerStatus }),
      operationId: operation.id,
    };
  },
});

// Lists may shorten a name ("Anna S."): leads with the same first word look alike.
const firstWordOf = (name: string): string => name.trim().split(/\s/)[0]!.toLowerCase();
