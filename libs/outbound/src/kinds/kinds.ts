import { adjustmentKind } from './adjustment.kind.js';
import { consentKind } from './consent.kind.js';
import { conversionKind } from './conversion.kind.js';
import { customerKind } from './customer.kind.js';
import { extensionKind } from './extension.kind.js';
import { holdKind } from './hold.kind.js';
import type { Kind } from './kind.js';
import { leadKind } from './lead.kind.js';
import { linkKind } from './link.kind.js';
import { payoutKind } from './payout.kind.js';
import { purchaseKind } from './purchase.kind.js';
import { refundKind } from './refund.kind.js';
import { releaseKind } from './release.kind.js';

/** Every kind of write, by the name of its operation. */
export const kinds: Record<string, Kind> = {
  createPurchase: purchaseKind,
  createRefund: refundKind,
  createHold: holdKind,
  releaseHold: releaseKind,
  createCustomer: customerKind,
  adjustBalance: adjustmentKind,
  createLink: linkKind,
  createLead: leadKind,
  createConversion: conversionKind,
  createPayout: payoutKind,
  createConsentSession: consentKind,
};

/** The kind of an operation's row, also of providers' own writes (`x.…`); throws for a name that no kind has: boot checks that none is missing. */
export function kindOf(name: string): Kind {
  const kind = name.startsWith('x.') ? extensionKind(name) : kinds[name];
  if (!kind) throw new Error(`No kind of write is called ${name}.`);
  return kind;
}
