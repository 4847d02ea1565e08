import type { Reader } from '#adapter-kit';
import { floorPoints, fromDigits, isPhone } from '#canonical';
import type { CustomerData, Program, ProviderRefs } from '#canonical';
import { contentOf } from './content.js';
import { readTier } from './program.js';

/** A customer has two ids: `uid` everywhere in UDS (absent for people known by phone only), and `participantId` at this company. */
export function refsOf(uid: Reader, participantId: Reader): ProviderRefs {
  const found = {
    uid: uid.text(),
    participantId: isNobody(participantId) ? undefined : participantId.text(),
  };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

// As a reference, the 0 of the vendor's examples would make one customer of everybody who has it.
const isNobody = (id: Reader): boolean => /^0+$/.test(id.text() ?? '');

/** The ids and the points of a user, without personal data. */
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

/** A complete user from `customers/find`, `customers` and `customers/{id}`; a null of UDS means that the field is empty. */
export function readCustomer(user: Reader, program: Program): CustomerData {
  const participant = user.at('participant');
  return {
    ...readMember(user, program),
    displayName: fieldOrNull(user.at('displayName'), textOf),
    email: fieldOrNull(user.at('email'), textOf),
    phone: fieldOrNull(user.at('phone'), phoneOf),
    birthDate: fieldOrNull(user.at('birthDate'), textOf),
    gender: fieldOrNull(user.at('gender'), gender => genders[(gender.text() ?? '').toUpperCase()]),
    avatarUrl: fieldOrNull(user.at('avatar'), addressOf),
    inviterRef: fieldOrNull(participant.at('inviterId'), textOf),
    joinedAt: fieldOrNull(participant.at('dateCreated'), timeOf),
    lastTransactionAt: fieldOrNull(participant.at('lastTransactionTime'), timeOf),
  };
}

const fieldOrNull = <T>(field: Reader, read: (field: Reader) => T | undefined): T | null | undefined =>
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
