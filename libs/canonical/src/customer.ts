import {
  IsChoice,
  IsEmailAddress,
  IsE164,
  IsFlag,
  IsIdOf,
  IsMoment,
  IsText,
  IsWebAddress,
} from './fields.js';
import { IsAnything, IsPart, IsTextMap } from './parts.js';
import { IsMoney, Money } from './money.js';
import { IsPoints, type Points } from './points.js';
import { Tier } from './program.js';

/** Opaque and encrypted: carries the code or phone shown at the till, so that it need not be stored or sent again. */
export class IdentityToken {
  @IsText({ max: 4096, example: 'qjUXxayKr2gj3VToAFsRd7pQFQxCEaHjNJ2UtpIYcsMcKfyOn53strGr_HHULU34' })
  token!: string;

  @IsMoment()
  expiresAt!: string;

  @IsFlag({ description: 'Whether points can be redeemed with it.', example: true })
  canRedeem!: boolean;
}

/** A customer's gender, as far as the provider supplies it. */
export const genders = ['male', 'female', 'unspecified'] as const;
/** One of `genders`. */
export type Gender = (typeof genders)[number];

/** A participant in the programme; fields unknown to the provider are absent, fields known to be empty are null. */
export class Customer {
  @IsIdOf('cus')
  id!: string;

  @IsTextMap({
    description: 'The customer’s ids at the provider, under the provider’s names.',
    example: { participantId: '1099576113739' },
  })
  providerRefs!: Record<string, string>;

  @IsText({ optional: true, nullable: true, description: 'The merchant’s own id.', example: 'crm-1042' })
  externalId?: string | null;

  @IsText({ optional: true, nullable: true, min: 0, example: 'Anna Petrova' })
  displayName?: string | null;

  @IsText({ optional: true, nullable: true, example: 'anna@example.com' })
  email?: string | null;

  @IsText({ optional: true, nullable: true, description: 'E.164.', example: '+79031234567' })
  phone?: string | null;

  @IsText({
    optional: true,
    nullable: true,
    description: 'As the provider has it; not necessarily a valid date.',
    example: '1990-05-17',
  })
  birthDate?: string | null;

  @IsChoice(genders, { name: 'Gender', optional: true, nullable: true, example: 'female' })
  gender?: Gender | null;

  @IsText({ optional: true, nullable: true, max: 2048, example: 'https://example.com/anna.jpeg' })
  avatarUrl?: string | null;

  @IsPart(() => Tier, { optional: true })
  tier?: Tier;

  @IsPoints({ optional: true, description: 'Points that can be spent now.', example: '878' })
  balancePoints?: Points;

  @IsMoney({ optional: true, description: 'For providers that keep money instead of points.' })
  balance?: Money;

  @IsFlag({
    description:
      'Whether the person has joined the programme; false for a phone number that could still join.',
    example: true,
  })
  member!: boolean;

  @IsText({
    optional: true,
    nullable: true,
    description: 'The inviter’s id at the provider.',
    example: '1099576113001',
  })
  inviterRef?: string | null;

  @IsText({ optional: true, nullable: true, example: '2024-03-01T09:30:00.000Z' })
  joinedAt?: string | null;

  @IsText({ optional: true, nullable: true, example: '2026-11-20T18:05:00.000Z' })
  lastTransactionAt?: string | null;

  @IsFlag({ optional: true, example: false })
  blocked?: boolean;

  @IsPart(() => IdentityToken, {
    optional: true,
    description: 'Only from a look-up: identifies this customer in later calls.',
  })
  identityToken?: IdentityToken;

  @IsPoints({
    optional: true,
    description: 'The most points that can be redeemed on the receipt of the look-up.',
    example: '439',
  })
  maxRedeemPoints?: Points;

  @IsFlag({
    optional: true,
    description: 'True if this is stored data rather than the provider’s current data.',
    example: false,
  })
  stale?: boolean;

  @IsIdOf('opr', { optional: true, description: 'The operation that created the customer.' })
  operationId?: string;

  @IsAnything({ description: 'The provider’s answer, redacted; with `?include=raw`.' })
  raw?: unknown;
}

/** The input for creating or updating a customer; a field that the provider does not accept is refused as `unsupported-field`. */
export class CustomerCreate {
  @IsText({
    optional: true,
    max: 128,
    description: 'The merchant’s own id; an existing customer with this id is updated.',
    example: 'crm-1042',
  })
  externalId?: string;

  @IsText({ optional: true, example: 'Anna Petrova' })
  displayName?: string;

  @IsEmailAddress({ optional: true })
  email?: string;

  @IsE164({ optional: true })
  phone?: string;

  @IsText({ optional: true, max: 64, description: 'Login at the provider.' })
  username?: string;

  @IsWebAddress({ optional: true, description: 'The customer’s website.' })
  url?: string;

  @IsText({ optional: true, max: 64 })
  telegram?: string;

  @IsText({ optional: true, max: 64 })
  skype?: string;

  @IsText({ optional: true, max: 64 })
  vkId?: string;

  @IsFlag({ optional: true, description: 'The merchant has verified the e-mail address.' })
  emailVerified?: boolean;
}
