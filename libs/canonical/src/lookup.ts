import { Check, IsText, IsTexts } from './fields.js';
import { Identifier } from './identifier.js';
import { IsMoney, Money } from './money.js';
import { IsPart } from './parts.js';
import type { Fault } from './rules.js';

/** The part of a receipt that a look-up needs. */
export class LookupReceipt {
  @IsMoney({ sign: 'zero' })
  total!: Money;

  @IsMoney({ sign: 'zero', optional: true, description: 'The part of the total that earns no points.' })
  excludedTotal?: Money;
}

const noId: Fault = {
  code: 'unsupported-field',
  detail:
    'A customer is looked up by `identifier` (a code, a phone or a uid, for example), not by an id. One whom the gateway knows is read with GET /v1/customers/{id}.',
};

/** The input for a customer look-up at the till. */
export class LookupRequest {
  // UDS took one until its API v2: declared so that it is refused with the reason (422) rather than as an unknown field (400).
  @Check('identifier', id => (id === undefined ? undefined : noId))
  customerId?: never;

  @IsPart(() => Identifier)
  identifier!: Identifier;

  @IsPart(() => LookupReceipt, {
    optional: true,
    description: 'If given, the answer includes `maxRedeemPoints`.',
  })
  receipt?: LookupReceipt;

  @IsText({ optional: true, max: 64, description: 'Point of sale at the provider.', example: 'shop-1' })
  locationId?: string;

  @IsTexts({
    optional: true,
    ids: 'hld',
    max: 20,
    description: 'Holds whose points count as available.',
    example: [],
  })
  holdIds?: string[];
}
