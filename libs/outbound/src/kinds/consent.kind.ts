import type { ConsentSessionCreate } from '#canonical';
import { notSupported } from '../connections/capability.js';
import { CONSENT, SESSION_MS, consentView, hashOfState, stateOf } from '../consent/consent.js';
import { byCustomer } from '../reads/resolve-who.js';
import { defineKind } from './kind.js';
import { insertRecord, recordOf } from './record.js';

/** A question to an end user, asked in a browser popup; the gateway does it by itself, no provider is called. */
export const consentKind = defineKind<ConsentSessionCreate, { scope?: string }, never>({
  operation: 'createConsentSession',
  resourceType: 'consent-session',
  prefix: 'csn',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body }) {
    if (!connection.adapter.consent) {
      const reason = `${connection.adapter.title} does not ask end users for consent.`;
      throw notSupported('consent', reason);
    }
    const { customerId } = await byCustomer(core, tx, connection, body.customerId);
    return { plan: 'advisory', customerId, ask: { scope: body.scope } };
  },

  async accept(context, operation, { customerId, ask }) {
    await insertRecord(context, operation, {
      type: CONSENT,
      customerId,
      body: { status: 'pending', ...(ask.scope === undefined ? {} : { scope: ask.scope }) },
      stateHash: hashOfState(stateOf(context.core, operation.resourceId)),
      expiresAt: new Date(context.core.now().getTime() + SESSION_MS),
    });
  },

  async succeeded() {
    throw new Error('A consent session has no provider that could answer.');
  },

  async view(core, tx, operation) {
    return consentView(core, tx, await recordOf(core, tx, operation));
  },
});
