import { Field, IsChoice, IsFlag, IsIdOf, IsMoment, IsText } from './fields.js';
import { IsPart, IsTextMap } from './parts.js';
import { Who } from './identifier.js';
import { IsPoints, type Points } from './points.js';
import { whole, type Rule } from './rules.js';
import { holdStates, type HoldState } from './states.js';

/** The default duration of a hold, in seconds. */
export const defaultHoldSeconds = 600;

const seconds = { min: 60, max: 1800 };

// A duration outside the limits has its own code, so that a till can offer a shorter hold.
const duration: Rule = (value, owner) => {
  const fault = whole(seconds)(value, owner);
  const outside = Number.isInteger(value) && fault?.code === 'validation-failed';
  return outside ? { code: 'hold-duration-out-of-range', detail: fault.detail } : fault;
};

/** The input for holding points for a sale in progress. */
export class HoldCreate extends Who {
  @IsText({ optional: true, max: 64, description: 'Point of sale at the provider.', example: 'shop-1' })
  locationId?: string;

  @IsPoints({ sign: 'positive', example: '100' })
  points!: Points;

  @Field(
    { optional: true, example: defaultHoldSeconds },
    { type: 'integer', minimum: seconds.min, maximum: seconds.max, default: defaultHoldSeconds },
    duration,
  )
  durationSeconds?: number;
}

/** The input for releasing a hold early. */
export class HoldRelease {
  @IsText({ optional: true, description: 'The reason, for the audit log.', example: 'customer left' })
  reason?: string;
}

/** `provider` = reserved by the provider; `advisory` = only by the gateway, invisible to other tills. */
export const holdGuarantees = ['provider', 'advisory'] as const;
/** One of `holdGuarantees`. */
export type HoldGuarantee = (typeof holdGuarantees)[number];

/** How a hold was released. */
export class Release {
  @IsText({ example: 'customer left' })
  reason!: string;

  @IsMoment()
  at!: string;

  @IsFlag({
    description: 'False if the provider also confirms the release of holds that never existed.',
    example: true,
  })
  verified!: boolean;
}

/** Points reserved for a sale. */
export class Hold {
  @IsIdOf('hld')
  id!: string;

  @IsChoice(holdGuarantees, {
    name: 'HoldGuarantee',
    description: 'Who reserves the points.',
    example: 'provider',
  })
  guarantee!: HoldGuarantee;

  @IsChoice(holdStates, {
    name: 'HoldState',
    description:
      'A hold expires at its time, whatever becomes of a purchase that names it. If it turns out that the purchase had used it, `expired` becomes `consumed`.',
    example: 'active',
  })
  state!: HoldState;

  @IsIdOf('cus', { optional: true })
  customerId?: string;

  @IsText({ optional: true, example: 'shop-1' })
  locationId?: string;

  @IsPoints({ example: '100' })
  points!: Points;

  @IsMoment({ description: 'Never later than the provider’s own end of the hold.' })
  expiresAt!: string;

  @IsTextMap({ description: 'Ids at the provider; empty for an advisory hold.', example: {} })
  providerRefs!: Record<string, string>;

  @IsIdOf('opr')
  operationId!: string;

  @IsPart(() => Release, { optional: true })
  release?: Release;
}
