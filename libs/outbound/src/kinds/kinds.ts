import { holdKind } from './hold.kind.js';
import type { Kind } from './kind.js';
import { purchaseKind } from './purchase.kind.js';
import { refundKind } from './refund.kind.js';
import { releaseKind } from './release.kind.js';

/** Every kind of write, by the name of its operation. */
export const kinds: Record<string, Kind> = {
  createPurchase: purchaseKind,
  createRefund: refundKind,
  createHold: holdKind,
  releaseHold: releaseKind,
};

/** The kind of an operation's row; throws for a name that no kind has: boot checks that none is missing. */
export function kindOf(name: string): Kind {
  const kind = kinds[name];
  if (!kind) throw new Error(`No kind of write is called ${name}.`);
  return kind;
}
