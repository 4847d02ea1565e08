import { ExactlyOneOf } from './exactly-one-of.js';
import { Check, IsChoice, IsIdOf, IsText } from './fields.js';
import { IsPart } from './parts.js';
import { phone } from './rules.js';

/** The types of customer identifiers. */
export const identifierTypes = ['code', 'phone', 'card', 'uid', 'externalId', 'search'] as const;
/** One of `identifierTypes`. */
export type IdentifierType = (typeof identifierTypes)[number];

/** What was shown or said at the till. */
export class Identifier {
  @IsChoice(identifierTypes, {
    name: 'IdentifierType',
    description:
      'The provider’s capabilities list the types that it accepts; `search` = any text that the provider’s own search takes.',
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

/** Identifies the customer: exactly one of the three. */
@ExactlyOneOf('customerId', 'identityToken', 'identifier')
export class Who {
  @IsIdOf('cus', {
    optional: true,
    description:
      'A customer known to the gateway. Exactly one of customerId, identityToken and identifier is required.',
  })
  customerId?: string;

  @IsText({
    optional: true,
    max: 4096,
    description:
      '`identityToken.token` from a look-up: carries the code or phone shown at the till, encrypted, for a few minutes.',
  })
  identityToken?: string;

  @IsPart(() => Identifier, { optional: true, description: 'What the customer shows at the till now.' })
  identifier?: Identifier;
}
