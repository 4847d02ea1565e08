import { reader } from '#adapter-kit';
import type { Reader } from '#adapter-kit';
import { floorPoints, fromDigits, isPhone } from '#canonical';
import type { CustomerData, Program, ProviderRefs } from '#canonical';
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

/** A whole user of `customers/find`, `customers` and `customers/{id}`. */
export function readCustomer(user: Reader, program: Program): CustomerData {
  const participant = user.at('participant');
  return {
    ...readMember(user, program),
    displayName: user.at('displayName').text(),
    email: user.at('email').text(),
    phone: phoneOf(user.at('phone').text()),
    birthDate: user.at('birthDate').text(),
    gender: genders[user.at('gender').text() ?? ''],
    avatarUrl: addressOf(user.at('avatar').text()),
    inviterRef: participant.at('inviterId').text(),
    joinedAt: participant.at('dateCreated').time(),
    lastTransactionAt: participant.at('lastTransactionTime').time(),
  };
}

const genders: Record<string, CustomerData['gender']> = {
  __proto__: null as never,
  MALE: 'male',
  FEMALE: 'female',
  NOT_SPECIFIED: 'unspecified',
};

const phoneOf = (text: string | undefined): string | undefined => {
  if (text === undefined || isPhone(text)) return text;
  return /^\d+$/.test(text) ? fromDigits(text) : undefined;
};

const addressOf = (text: string | undefined): string | undefined =>
  text && /^https?:\/\//i.test(text) ? text : undefined;

/** The `user` of a find or calc answer. */
export const userOf = (body: unknown): Reader => reader(body).at('user');
