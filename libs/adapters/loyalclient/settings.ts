import { IsChoice, IsText } from '#canonical';

/** What to do if a changed balance is the only evidence for a purchase. */
export const onWeakEvidence = ['needs-review', 'accept'] as const;

/** The settings of a LoyalClient connection. */
export class LoyalClientSettings {
  @IsText({
    description: 'Id of the point of sale to use when a request has no `locationId`.',
    example: 'shop-1',
    optional: true,
  })
  defaultPoint?: string;

  @IsText({
    description: 'The currency of the LoyalClient account, which its answers do not contain; RUB by default.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
    optional: true,
  })
  currency: string = 'RUB';

  @IsChoice(onWeakEvidence, {
    description:
      'When the answer to a purchase is lost, the client’s balance is the only witness, and another till may have moved it: ' +
      'leave such a purchase to a person, unless it took no points and the balance shows just those that it earned; or accept ' +
      'whatever the balance says.',
    default: 'needs-review',
    optional: true,
  })
  onWeakEvidence: (typeof onWeakEvidence)[number] = 'needs-review';
}
