import type { Reader } from '#adapter-kit';
import { floorPoints, fromDigits, isPhone } from '#canonical';
import type { CustomerData, Program, ProviderRefs } from '#canonical';
import { contentOf } from './content.js';
import { readTier } from './program.js';

/** UDS names a customer twice: `uid` everywhere in UDS (absent for people known by phone only), `participantId` at this company. */
export function refsOf(uid: Reader, participantId: Reader): ProviderRefs {
  const found = { uid: uid.text(), participantId: participantId.text() };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What identifies a user and what their points are worth, without anything personal. */
export function readMember(user: Reader, program: Program): CustomerData {
  const participant = user.needRecord().at('participant');
  const points = participant.at('points').decimal();
  return {
    providerRefs: refsOf(user.at('uid'), participant.at('id')),
    // UDS: a user belongs to the company when `participant.id` is not empty.
    member: participant.at('id').text() !== undefined,
    tier: readTier(participant.at('membershipTier'), program.policy),
    balancePoints: points === undefined ? undefined : floorPoints(points),
  };
}

/** A whole user of `customers/find`, `customers` and `customers/{id}`; what UDS calls null is known to be empty. */
export function readCustomer(user: Reader, program: Program): CustomerData {
  const participant = user.at('participant');
  return {
    ...readMember(user, program),
    displayName: told(user.at('displayName'), textOf),
    email: told(user.at('email'), textOf),
    phone: told(user.at('phone'), phoneOf),
    birthDate: told(user.at('birthDate'), textOf),
    gender: told(user.at('gender'), gender => genders[gender.text() ?? '']),
    avatarUrl: told(user.at('avatar'), addressOf),
    inviterRef: told(participant.at('inviterId'), textOf),
    joinedAt: told(participant.at('dateCreated'), timeOf),
    lastTransactionAt: told(participant.at('lastTransactionTime'), timeOf),
  };
}

const told = <T>(field: Reader, read: (field: Reader) => T | undefined): T | null | undefined =>
  field.value === null ? null : read(field);

const textOf = (field: Reader): string | undefined => field.text();
const timeOf = (field: Reader): string | undefined => field.time();

const genders: Record<string, CustomerData['gender']> = {
  __proto__: null as never,
  MALE: 'male',
  FEMALE: 'female',
  NOT_SPECIFIED: 'unspecified',
};

function phoneOf(field: Reader): string | undefined {
  const text = field.text();
  if (text === undefined || isPhone(text)) return text;
  return /^\d+$/.test(text) ? fromDigits(text) : undefined;
}

function addressOf(field: Reader): string | undefined {
  const text = field.text();
  return text && /^https?:\/\//i.test(text) ? text : undefined;
}

/** The `user` of a find or calc answer. */
export const userOf = (body: unknown): Reader => contentOf(body).at('user');
