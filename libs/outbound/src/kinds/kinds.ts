import { refusalAt } from '#canonical';
import type { WriteKind } from '#canonical';
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

/** A write that is accepted by name: the canonical ones, and the one that needs no provider. */
export type WriteName = WriteKind | 'createConsentSession';

/** Every kind of write, by the name of its operation. */
export const kinds: Readonly<Record<WriteName, Kind>> = {
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

const kindNamed = (name: string): Kind | undefined =>
  name.startsWith('x.')
    ? extensionKind(name)
    : Object.hasOwn(kinds, name)
      ? kinds[name as WriteName]
      : undefined;

/** Throws 400 for a filter by kind that can never match. */
export function assertKindName(name: string | undefined): void {
  if (name === undefined || kindNamed(name)) return;
  const names = Object.keys(kinds).join(', ');
  const detail = `Expected one of: ${names}; or a provider’s own write, like x.recreativ.createOffer.`;
  throw refusalAt('/query/kind', detail, 'invalid-parameter');
}

/** The kind of an operation's row, also of providers' own writes (`x.…`); throws for a name that no kind has: a row of a newer version, or an extension that its adapter no longer has. */
export function kindOf(name: string): Kind {
  const kind = kindNamed(name);
  if (!kind) throw new Error(`No kind of write is called ${name}.`);
  return kind;
}
