import { Refusal } from '#canonical';
import type { Identifier, Program, Subject } from '#canonical';

/** The one way in which a call names its customer: UDS refuses points where a code stands beside anything else. */
export interface Buyer {
  by: 'code' | 'phone' | 'uid';
  value: string;
}

/** Why UDS cannot be asked by the other identifiers; also the `by` of the look-up. */
export const lookupBy = {
  code: true,
  phone: true,
  uid: true,
  card: 'UDS has no plastic cards; the code in the customer’s app takes their place.',
  externalId: 'UDS stores no ids of other systems; keep its `uid` in yours.',
  search: 'UDS finds customers by code, phone or uid only, and has no search by name.',
} as const;

/** What was shown at the till, else the known uid; throws when UDS cannot be asked by either. */
export function buyerOf({ identifier, refs }: Subject): Buyer {
  if (identifier) return buyerBy(identifier);
  if (refs?.uid) return { by: 'uid', value: refs.uid };
  const detail = 'UDS knows this customer by phone only and has no uid for them: send `identifier` instead.';
  throw new Refusal('validation-failed', {
    detail,
    errors: [{ pointer: '/customerId', code: 'validation-failed', detail }],
  });
}

/** The same for an identifier alone. */
export function buyerBy({ type, value }: Identifier): Buyer {
  const allowed = lookupBy[type];
  if (allowed === true) return { by: type as Buyer['by'], value };
  throw new Refusal('capability-not-supported', {
    detail: allowed,
    capability: 'customer.lookup',
  });
}

/** Whether points can be redeemed by what the customer showed: by code always, by uid never, by phone if the company says so. */
export function canRedeemBy(by: Buyer['by'], program: Program): boolean {
  return by === 'code' || (by === 'phone' && program.redeemByPhone === true);
}

/** Query of `customers/find`: exactly one identifier, the others left out (never as the text "null"). */
export const queryOf = ({ by, value }: Buyer): Record<string, string> => ({ [by]: value });

/** The same in a JSON body. */
export const bodyOf = ({ by, value }: Buyer): Record<string, unknown> =>
  by === 'code' ? { code: value } : { participant: { [by]: value } };
