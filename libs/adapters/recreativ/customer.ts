import { Refusal, floorMoney, isPhone, providerTime, refusalAt } from '#canonical';
import type { CustomerData, LookupAsk, ProviderRefs } from '#canonical';
import { defineExchange, segment, send, steps } from '#adapter-kit';
import type { Context, ExtensionAsk } from '#adapter-kit';
import { RecreativUser } from './models.js';
import { customerErrors } from './refusal.js';
import type { RecreativSettings } from './settings.js';
import { readAs } from './answer-fields.js';
import { get, objectOf, recordOf } from './wire.js';

/** The account that the token belongs to. */
export const me = defineExchange<Record<string, unknown> | ExtensionAsk, RecreativUser>({
  name: 'me',
  call: 'GET /me',
  retryClass: 'read',
  request: () => get('/me'),
  read: answer => readAs(RecreativUser, recordOf(answer)),
});

/** One referral of the account. */
export const user = defineExchange<{ userId: string }, RecreativUser>({
  name: 'user',
  call: 'GET /advertiser/users/{id}',
  retryClass: 'read',
  errors: customerErrors,
  request: ({ userId }) => get(`/advertiser/users/${segment(userId)}`),
  read: (answer, { userId }) => readAs(RecreativUser, objectOf(answer, userId)),
});

/** One customer by their id at Recreativ. */
export const getCustomer = steps(user, function* ({ refs }: { refs: ProviderRefs }, context) {
  return customerOf(yield* send(user, { userId: userIdOf(refs) }), context);
});

/** The same by an id from the caller. */
export const lookupCustomer = steps(user, function* ({ identifier }: LookupAsk, context) {
  // The server may read "6001abc" as 6001, which is not the requested customer.
  if (!/^[1-9]\d*$/.test(identifier.value))
    throw new Refusal('customer-not-found', { detail: 'Recreativ’s ids are whole numbers.' });
  return customerOf(yield* send(user, { userId: identifier.value }), context);
});

/** Recreativ's id of a customer; throws a `Refusal` if the customer is not known at this provider. */
export function userIdOf(refs: ProviderRefs | undefined): string {
  const id = refs?.['userId'];
  if (id === undefined) throw refusalAt('/customerId', 'This customer has no Recreativ id.');
  return id;
}

/** An account of Recreativ as a customer. Its login is the only name in answers. */
export function customerOf(
  account: RecreativUser,
  { settings: { currency } }: Context<RecreativSettings>,
): CustomerData {
  const { id, username, name, email, phone, balance, date, parentId } = account;
  return {
    providerRefs: { userId: id },
    ...known({ displayName: name ?? username, email, phone: phoneOf(phone) }),
    ...(balance != null && { balance: floorMoney(balance, currency) }),
    member: true,
    // Yii sends 0 for nobody.
    ...known({ inviterRef: parentId === '0' ? null : parentId }),
    ...known({ joinedAt: date && providerTime(date) }),
  };
}

// The phone in the profile is free text; only a number with a country code is used.
function phoneOf(phone: string | null | undefined): string | null | undefined {
  const compact = phone?.replace(/[\s().-]/g, '');
  return compact === undefined ? (phone as null | undefined) : isPhone(compact) ? compact : undefined;
}

const known = <T extends object>(members: T): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
