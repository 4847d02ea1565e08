import {
  defineExchange,
  ifRefused,
  segment,
  send,
  sendAside,
  steps,
  unlessFailed,
  Unreadable,
} from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import { exact } from '#canonical';
import type { RefundAsk, RefundData } from '#canonical';
import { amount } from './amounts.js';
import { contentOf } from './content.js';
import { getOperation } from './ledger.js';
import { readEntry } from './operation.js';
import type { LedgerEntry } from './operation.js';
import { requireUnrefunded } from './refund-again.js';
import { refundOf } from './refund-figures.js';
import { refusalToTell } from './refund-refused.js';
import { udsRequest } from './request.js';
import type { UdsContext } from './request.js';
import { mayUseUndocumented } from './settings.js';

// Our words for these are about a sale: they would advise the cashier to redeem fewer points, or to sell without any. And "not
// found" means the operation of UDS, not the caller's purchase: that one exists, and UDS refuses to refund it.
const aboutSales = [
  'notFound',
  'invalidChecksum',
  'insufficientFunds',
  'discountLimitExceed',
  'withdrawNotPermitted',
  'purchaseByPhoneDisabled',
  'participantIsBlocked',
  'cashierNotFound',
  'receiptExists',
];

/** `POST /operations/{id}/refund`: takes no key, and a second partial refund would be executed, so it is sent again only after a 429, once the ledger shows that none was. */
export const refundOperation = defineExchange<RefundAsk, RefundData>({
  name: 'createRefund',
  call: 'POST /operations/{id}/refund',
  retryClass: 'unsafe',
  doubts429: true,
  errors: Object.fromEntries(aboutSales.map(code => [code, 'provider-rejected' as const])),
  request: (refund, context) =>
    udsRequest(
      {
        method: 'POST',
        path: `/operations/${segment(refund.providerOperationId)}/refund`,
        // UDS: full = no `partialAmount`; 0 and null have been interpreted in other ways.
        json: refund.full ? {} : { partialAmount: amount(refund.amount.amount, '/amount') },
      },
      context,
    ),
  read: ({ body }, refund) => {
    const entry = readEntry(contentOf(body));
    refuseOther(entry, refund);
    return refundOf(entry, refund);
  },
});

/** A refund; its refusal counts unless the ledger contradicts it, and what its answer leaves out is read there. */
export const createRefund = steps<RefundAsk, RefundData>(
  refundOperation,
  function* (ask, context: UdsContext): PlanRun<RefundData> {
    yield* requireUnrefunded(ask, context);
    const told = yield* ifRefused(send(refundOperation, ask), refusal =>
      refusalToTell(refusal, ask, context),
    );
    return hasFigures(told) || !mayUseUndocumented(context.settings) ? told : yield* completed(told, ask);
  },
);

const hasFigures = ({ returnedMoney, netPoints }: RefundData): boolean =>
  returnedMoney !== undefined && netPoints !== undefined;

// The refund is done, whatever the ledger shows: nobody waits for a start in the lane, or with more than one read.
function* completed(told: RefundData, ask: RefundAsk): PlanRun<RefundData> {
  const entry = yield* unlessFailed(sendAside(getOperation, { id: told.providerOperationId! }));
  if (!entry) return told;
  refuseOther(entry, ask);
  const shown = refundOf(entry, ask);
  return hasFigures(shown) ? shown : told;
}

// The reversal says how much was refunded. If that is not the requested amount, a person settles it: after a partial refund
// in the UDS cabinet, for example, a full refund returns only the rest.
function refuseOther({ id, total }: LedgerEntry, { providerOperationId, amount }: RefundAsk): void {
  if (id === undefined) throw new Unreadable('/id', 'is missing');
  if (id === providerOperationId) throw new Unreadable('/id', 'is the id of the sale, not of a reversal');
  if (total !== undefined && !exact(total).abs().equals(amount.amount))
    throw new Unreadable('/total', `is ${total}, but ${amount.amount} was requested`);
}
