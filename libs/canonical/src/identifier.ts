import { ExactlyOneOf } from './exactly-one-of.js';
import { Check, IsChoice, IsIdOf, IsText } from './fields.js';
import { IsPart } from './parts.js';
import { phone } from './rules.js';

/** What a customer can be found by; `search` is whatever the provider's own search takes. */
export const identifierTypes = ['code', 'phone', 'card', 'uid', 'externalId', 'search'] as const;
/** One of `identifierTypes`. */
export type IdentifierType = (typeof identifierTypes)[number];

/** What was shown or said at the till. */
export class Identifier {
  @IsChoice(identifierTypes, {
    name: 'IdentifierType',
    description: 'Which of them a provider takes stands in its capabilities.',
    example: 'phone',
  })
  type!: IdentifierType;

  @IsText({
    description: 'Always a string (codes may begin with 0); a phone is E.164.',
    example: '+79031234567',
    max: 256,
  })
  @Check('phone', (value, owner) =>
    (owner as Identifier).type === 'phone' && typeof value === 'string' ? phone(value, owner) : undefined,
  )
  value!: string;
}

/** Who it is about: exactly one of the three. */
@ExactlyOneOf('customerId', 'identityToken', 'identifier')
export class Who {
  @IsIdOf('cus', {
    optional: true,
    description:
      'A customer that we have met. Exactly one of customerId, identityToken and identifier is required.',
  })
  customerId?: string;

  @IsText({
    optional: true,
    max: 4096,
    description:
      '`identityToken.token` of a look-up: carries the shown code or phone, sealed, for some minutes.',
  })
  identityToken?: string;

  @IsPart(() => Identifier, { optional: true, description: 'What is shown at the till right now.' })
  identifier?: Identifier;
}
