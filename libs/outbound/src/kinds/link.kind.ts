import type { Link, LinkAsk, LinkCreate, LinkData } from '#canonical';
import type { StoredRecord } from '#persistence';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { endUserToken } from '../consent/consent.js';
import { byCustomer } from '../reads/resolve-who.js';
import { defineKind } from './kind.js';
import { fillRecord, insertRecord, recordOf } from './record.js';

/** A referral link, made in a customer's name with the token of their consent where the provider asks for one. */
export const linkKind = defineKind<LinkCreate, LinkAsk, LinkData>({
  operation: 'createLink',
  resourceType: 'link',
  prefix: 'lnk',
  eventPrefix: 'referral.link',
  laneClass: 'write',

  async prepare({ core, tx, connection }, { body }) {
    const support = supportFor(connection, 'createLink');
    const { subject, customerId } = await byCustomer(core, tx, connection, body.customerId);
    const userToken = connection.adapter.consent
      ? await endUserToken(core, tx, connection, body.customerId)
      : undefined;
    return {
      plan: writePlanOf(support, connection.settings),
      customerId,
      ask: {
        refs: subject.refs ?? {},
        userToken,
        target: body.target,
        recommendationText: body.recommendationText,
        promoCode: body.promoCode,
      },
    };
  },

  async accept(context, operation, { customerId }) {
    await insertRecord(context, operation, { type: 'link', customerId, body: {} });
  },

  async succeeded(context, _ask, link) {
    await fillRecord(context, { ...link });
  },

  async view(core, tx, operation) {
    const record = await recordOf(core, tx, operation);
    // A person may say that a link was made; where it leads, only the provider could have told.
    return record.body['shortUrl'] === undefined ? undefined : linkView(record);
  },
});

/** A referral link as the API shows it; the record must be filled in. */
export const linkView = ({ id, operationId, body }: StoredRecord): Link => ({
  id,
  ...(body as unknown as LinkData),
  ...(operationId ? { operationId } : {}),
});
