import { randomUUID } from 'node:crypto';
import type { Context } from '#adapter-kit';
import { purchaseKind, refundKind } from '#outbound';
import type { Purchase } from '#canonical';
import type { Stage } from '../stage.js';
import type { WriteCall } from '../write-call.js';

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const documentedOnly = { undocumentedCalls: false };

const sale = {
  identifier: { type: 'code', value: '123456' },
  merchantReference: 'matrix-sale',
  receipt: { total: rub('1000.00'), redeemPoints: '50' },
};

const purchase: Omit<WriteCall, 'retryClass' | 'way'> = {
  provider: 'uds',
  exchange: 'createOperation',
  wire: /^POST \/operations$/,
  needs: '/id',
  steps: true,
  arrange: async () => ({ kind: purchaseKind, body: sale }),
};

const refundOf = (more: object): WriteCall => ({
  provider: 'uds',
  exchange: 'createRefund',
  retryClass: 'unsafe',
  way: 'proof',
  wire: /^POST \/operations\/[^/]+\/refund$/,
  needs: '/id',
  arrange: async (stage: Stage) => {
    const { id }: Purchase = await stage.done(purchaseKind, sale);
    return {
      kind: refundKind,
      body: { merchantReference: 'matrix-refund', ...more },
      params: { purchaseId: id },
    };
  },
});

/** UDS takes a nonce with a purchase and none with a refund; its ledger shows both, where it may be read. */
export const udsWrites: WriteCall[] = [
  { ...purchase, retryClass: 'keyed', way: 'ledger' },
  {
    ...purchase,
    variant: 'documented calls only',
    settings: documentedOnly,
    blind: true,
    retryClass: 'reconcilable',
    way: 'person',
  },
  { ...refundOf({}), variant: 'of the whole' },
  { ...refundOf({ amount: rub('400.00') }), variant: 'of a part' },
  {
    ...refundOf({ amount: rub('400.00') }),
    variant: 'of a part, documented calls only',
    settings: documentedOnly,
    blind: true,
    endsWith429: true,
    way: 'person',
  },
];

/** Reads of things that a new simulator does not have, by exchange. */
export const arrangedReads: Record<string, (stage: Stage) => Promise<{ ask: unknown; context: Context }>> = {
  rawOperation: async stage => {
    // At an account with earlier customers.
    const own = { ...sale, merchantReference: randomUUID() };
    const { result }: Purchase = await stage.done(purchaseKind, own);
    await stage.begin();
    const ask = { params: { id: result!.providerOperationId! }, query: {}, body: undefined };
    return { ask, context: { settings: stage.connection.settings, now: new Date() } };
  },
};
