import {
  BalanceAdjustmentCreate,
  ConsentSessionCreate,
  ConversionCreate,
  CustomerCreate,
  HoldCreate,
  HoldRelease,
  LeadCreate,
  LinkCreate,
  PayoutCreate,
  PurchaseCreate,
  RefundCreate,
} from '#canonical';
import type { Class } from '#canonical';
import type { WriteName } from '#outbound';

/** How a command of one kind is read. */
export interface CommandKind {
  /** The body of the REST call. */
  body: Class;
  /** The id in the path of the REST call, which a command has in `resourceId`. */
  about?: 'purchaseId' | 'holdId' | 'customerId';
  /** The REST call, for the documentation. */
  call: string;
}

/** The kinds of commands accepted by queue: every write that is accepted by name. */
export const commandKinds: Readonly<Record<WriteName, CommandKind>> = {
  createCustomer: { body: CustomerCreate, call: 'POST /v1/customers' },
  adjustBalance: {
    body: BalanceAdjustmentCreate,
    about: 'customerId',
    call: 'POST /v1/customers/{id}/balance-adjustments',
  },
  createHold: { body: HoldCreate, call: 'POST /v1/holds' },
  releaseHold: { body: HoldRelease, about: 'holdId', call: 'POST /v1/holds/{id}/release' },
  createPurchase: { body: PurchaseCreate, call: 'POST /v1/purchases' },
  createRefund: { body: RefundCreate, about: 'purchaseId', call: 'POST /v1/purchases/{id}/refunds' },
  createLink: { body: LinkCreate, call: 'POST /v1/referral/links' },
  createLead: { body: LeadCreate, call: 'POST /v1/referral/leads' },
  createConversion: { body: ConversionCreate, call: 'POST /v1/referral/conversions' },
  createPayout: { body: PayoutCreate, call: 'POST /v1/referral/payouts' },
  createConsentSession: { body: ConsentSessionCreate, call: 'POST /v1/consent-sessions' },
};
