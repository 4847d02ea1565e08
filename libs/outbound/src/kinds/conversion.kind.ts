import { Refusal, roundMoney } from '#canonical';
import type { Conversion, ConversionAsk, ConversionCreate, ConversionData } from '#canonical';
import type { StoredCustomer, StoredRecord, Tx } from '#persistence';
import { writePlanOf, supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { isRemembered } from '../reads/resolve-who.js';
import { AnothersEffect } from '../run/settlement.js';
import { defineKind } from './kind.js';
import { fillRecord, insertRecord, recordOf } from './record.js';

/** A sale to a recommended person, registered at the provider; it cannot be taken back there. */
export const conversionKind = defineKind<ConversionCreate, ConversionAsk, ConversionData>({
  operation: 'createConversion',
  resourceType: 'conversion',
  prefix: 'cnv',
  eventPrefix: 'referral.conversion',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body }) {
    const support = supportFor(connection, 'createConversion');
    const { lead, leadRef } = await leadOf(core, tx, connection, body.leadId);
    const referrer = await referrerOf(core, tx, lead);
    return {
      plan: writePlanOf(support, connection.settings),
      customerId: referrer?.id,
      // A lead that became a sale proves ONE lost answer: a second sale to it must not be in doubt beside the first.
      serialKey: `conversion:${leadRef}`,
      leadId: lead.id,
      ask: {
        leadRef,
        ...(referrer ? { referrer: referrer.refs } : {}),
        amount: body.amount,
        merchantReference: body.merchantReference,
      },
    };
  },

  async accept(context, operation, { customerId, leadId }, { body: { merchantReference, amount } }) {
    const body = { leadId, merchantReference, amount: roundMoney(amount), status: 'pending' };
    await insertRecord(context, operation, { type: 'conversion', customerId, body });
  },

  async succeeded(context, _ask, { leadRef: _, ...told }) {
    const { taken } = await fillRecord(context, { ...told });
    // Nothing else in the answer says which sale it is about.
    if (taken) throw new AnothersEffect();
  },

  // The lead became a sale, but whose? When a registration shows at its lead is not documented.
  async belongsToAnother({ core, tx, operation }, _data, { leadRef }) {
    return core.stores.twins.ofConversion(tx, operation.id, leadRef);
  },

  async resolved(context) {
    await fillRecord(context, { status: 'approved' });
  },

  async view(core, tx, operation) {
    return conversionView(await recordOf(core, tx, operation));
  },
});

/** A conversion of ours as the API shows it. */
export const conversionView = ({ id, operationId, body }: StoredRecord): Conversion => ({
  id,
  ...(body as unknown as ConversionData),
  ...(operationId ? { operationId } : {}),
});

// A sale to the lead of somebody who was forgotten is registered all the same, with nobody's name.
async function referrerOf(core: Core, tx: Tx, lead: StoredRecord): Promise<StoredCustomer | undefined> {
  const referrer = lead.customerId && (await core.stores.customers.find(tx, lead.tenantId, lead.customerId));
  return referrer && isRemembered(referrer) ? referrer : undefined;
}

async function leadOf(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  leadId: string,
): Promise<{ lead: StoredRecord; leadRef: string }> {
  const lead = await core.stores.records.find(tx, connection.tenantId, 'lead', leadId);
  if (lead?.connectionId !== connection.id)
    throw new Refusal('not-found', { detail: `There is no lead ${leadId} at ${connection.slug}.` });
  const leadRef = lead.providerRef ?? lead.body['providerRef'];
  if (typeof leadRef === 'string') return { lead, leadRef };
  const { title } = connection.adapter;
  const ofCustomer = lead.customerId ? `?customerId=${lead.customerId}` : '';
  throw new Refusal('state-conflict', {
    detail: `The id of the lead ${leadId} at ${title} is not known: the lead was not submitted, or the answer was lost. Read GET /v1/operations/${lead.operationId}. If ${title} has the lead nevertheless, GET /v1/referral/leads${ofCustomer} lists it under another \`id\`: register the conversion with that one.`,
    operationId: lead.operationId ?? undefined,
  });
}
