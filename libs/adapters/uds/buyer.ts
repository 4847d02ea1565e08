import { Refusal, refusalAt } from '#canonical';
import type { Identifier, Program, Subject } from '#canonical';

/** The single identifier of the customer in a call: UDS refuses points if a code comes with another identifier. */
export interface Buyer {
  by: 'code' | 'phone' | 'uid';
  value: string;
}

/** Why UDS does not accept the other identifiers; also the `by` of the look-up. */
export const lookupBy = {
  code: true,
  phone: true,
  uid: true,
  card: 'UDS has no plastic cards; the code in the customer’s app takes their place.',
  externalId: 'UDS stores no ids of other systems; keep its `uid` in yours.',
  search: 'UDS finds customers by code, phone or uid only, and has no search by name.',
} as const;

/** The identifier shown at the till, else the known uid; throws if UDS accepts neither. */
export function buyerOf({ identifier, refs }: Subject): Buyer {
  if (identifier) return buyerBy(identifier);
  if (refs?.uid) return { by: 'uid', value: refs.uid };
  throw refusalAt(
    '/customerId',
    'UDS knows this customer by phone only and has no uid for them: send `identifier` instead.',
  );
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

/** Whether points can be redeemed with this identifier: with a code always, with a uid never, with a phone if the company allows it. */
export function canRedeemBy(by: Buyer['by'], program: Program): boolean {
  return by === 'code' || (by === 'phone' && program.redeemByPhone === true);
}

/** Whether it is a code of the customer's app, which dies with its first sale; those of cards and certificates are longer. */
export const isAppCode = ({ by, value }: Buyer): boolean => by === 'code' && /^\d{6}$/.test(value);

/** The query of `customers/find`: exactly one identifier, the others left out (never the text "null"). */
export const queryOf = ({ by, value }: Buyer): Record<string, string> => ({ [by]: value });

/** The same in a JSON body. */
export const bodyOf = ({ by, value }: Buyer): Record<string, unknown> =>
  by === 'code' ? { code: value } : { participant: { [by]: value } };
