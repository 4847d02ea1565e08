import { IsChoice, IsText, Subscription } from '#canonical';

/** Only active ones get events; a successful test enables a disabled one. */
const subscriptionStates = ['active', 'disabled'] as const;
/** Why a subscription was disabled: 410, or five days without a success. */
const disabledReasons = ['gone', 'failing'] as const;

/** A subscription with its state. */
export class SubscriptionDetail extends Subscription {
  @IsChoice(subscriptionStates, { name: 'SubscriptionState', example: 'active' })
  state!: (typeof subscriptionStates)[number];

  @IsChoice(disabledReasons, {
    optional: true,
    name: 'DisabledReason',
    description:
      'Why it is disabled: `gone` = the receiver answered 410; `failing` = no delivery succeeded for 5 days.',
    example: undefined,
  })
  disabledReason?: (typeof disabledReasons)[number];

  @IsText({
    optional: true,
    description: 'The BullMQ queue that your worker reads, if the target is a queue.',
    example: undefined,
  })
  queue?: string;
}
