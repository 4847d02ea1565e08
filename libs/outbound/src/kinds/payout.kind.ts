import type { Payout, PayoutAsk, PayoutCreate, PayoutData } from '#canonical';
import type { StoredRecord } from '#persistence';
import { writePlanOf, supportFor } from '../connections/capability.js';
import { defineKind } from './kind.js';
import { fillRecord, insertRecord, recordOf } from './record.js';

/** A payout, ordered. One at a time for each credential: the provider takes the whole balance, whatever it is by then. */
export const payoutKind = defineKind<PayoutCreate, PayoutAsk, PayoutData>({
  operation: 'createPayout',
  resourceType: 'payout',
  prefix: 'pay',
  eventPrefix: 'payout',
  laneClass: 'write',

  async prepare({ connection }, { body: { methodId, account } }) {
    const support = supportFor(connection, 'createPayout');
    return {
      plan: writePlanOf(support, connection.settings),
      serialKey: 'payout',
      ask: { methodId, account },
    };
  },

  async accept(context, operation, { ask: { methodId, account } }) {
    const body = { methodId, accountMasked: masked(account), status: 'pending' };
    await insertRecord(context, operation, { type: 'payout', body });
  },

  async succeeded(context, _ask, { account: _, ...told }) {
    const { core, tx, connection } = context;
    const { providerRef } = told;
    // A list may have shown it while its answer was lost; from now on, its one id is that of its operation's record.
    if (providerRef !== undefined)
      await core.stores.records.forgetListed(tx, {
        connectionId: connection.id,
        type: 'payout',
        providerRef,
      });
    await fillRecord(context, { ...told });
  },

  async refreshAsk(core, { id }, ask) {
    const { knownIds, inDoubt } = await core.stores.twins.ofPayout(core.database.direct, id);
    return { ...ask, knownPayoutIds: knownIds, twinInDoubt: inDoubt };
  },

  async belongsToAnother({ core, tx, operation, connection }, { providerRef }) {
    return core.stores.twins.isAnothersPayout(tx, {
      connectionId: connection.id,
      id: operation.resourceId,
      providerOperationId: providerRef,
    });
  },

  async view(core, tx, operation) {
    return payoutView(await recordOf(core, tx, operation));
  },
});

/** A payout of ours as the API shows it. */
const payoutView = ({ id, operationId, body }: StoredRecord): Payout => ({
  id,
  ...(body as unknown as Omit<Payout, 'id'>),
  ...(operationId ? { operationId } : {}),
});

const MOST_SHOWN = 4;

/** An account of which the last four signs can be seen, and never more than half of it. */
export function masked(account: string): string {
  const signs = [...account.replace(/\s/g, '')];
  const shown = Math.min(MOST_SHOWN, Math.floor(signs.length / 2));
  return `••••${signs.slice(signs.length - shown).join('')}`;
}
