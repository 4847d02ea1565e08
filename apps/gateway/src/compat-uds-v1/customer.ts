import { Refusal } from '#canonical';
import type { CustomerData } from '#canonical';
import { assertLookupBy, read } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { customerIdGone, identifierIn } from './given.js';
import { numberOf, personNumber } from './numbers.js';
import type { V1Customer } from './shapes.js';
import { termsOf } from './till.js';
import type { Till } from './till.js';

const genders = { male: 'MALE', female: 'FEMALE', unspecified: 'NOT_SPECIFIED' };

/** `GET customer`: the customer at the till. */
export async function customerFor(core: Core, till: Till, connection: OpenConnection): Promise<V1Customer> {
  const { given } = till;
  if (given['customerId'] !== undefined && given['customerId'] !== '0') throw customerIdGone();
  const identifier = identifierIn(given);
  assertLookupBy(connection, identifier.type);
  const customer = await read(core, connection, 'lookupCustomer', { identifier, holds: [] }, termsOf(till));
  return customerInV1(customer);
}

/** A customer as v1 shows one; throws a `Refusal` if a member's balance is not known. */
export function customerInV1(customer: CustomerData): V1Customer {
  const { tier, providerRefs, birthDate = null, gender } = customer;
  const number = personNumber(providerRefs);
  // Providers return one name; it is split at its first blank, a guess that the documentation mentions.
  const [name, ...surname] = (customer.displayName ?? '').split(/\s+/).filter(part => part !== '');
  return {
    level: tier?.name ?? null,
    discountRate: numberOf(tier?.rate),
    scores: numberOf(balanceOf(customer)),
    dateCreated: customer.joinedAt ?? null,
    id: number ?? 0,
    skype: null,
    vip: false,
    name: name ?? null,
    birthday: birthDate,
    gender: gender ? genders[gender] : null,
    instagram: null,
    uid: providerRefs['uid'] ?? null,
    birthDate,
    participantId: number ?? null,
    surname: surname.join(' ') || null,
    email: customer.email ?? null,
    avatar: customer.avatarUrl ?? null,
    participant: customer.member,
  };
}

// v1 has no word for an unknown balance, and 0 would be one. Who is not a member has no points, nor has a discount level.
function balanceOf({ balancePoints, member, tier }: CustomerData): string | undefined {
  if (balancePoints !== undefined || !member || tier?.kind === 'discount') return balancePoints;
  throw new Refusal('provider-contract-violation', { detail: 'The provider did not tell the balance.' });
}
