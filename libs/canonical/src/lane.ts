import { IsChoice, IsFlag, IsMoment, IsText, IsTexts, IsWhole } from './fields.js';
import { IsPart } from './parts.js';
import { RateLimit } from './provider.js';

/** The public id of a lane: its provider and the first six digits of its fingerprint, which reveals nothing about the credential. */
export const laneIdOf = (fingerprint: string): string =>
  fingerprint.replace(/^((?:[a-z]+-)?)([0-9a-f]{6})[0-9a-f]*$/, '$1$2');

/** Whether calls are sent to a lane's provider: closed = yes; open = it does not answer, so no calls are sent for some seconds; half-open = one trial call decides. */
export const breakerStates = ['closed', 'open', 'half-open'] as const;
/** One of `breakerStates`. */
export type BreakerState = (typeof breakerStates)[number];

/** Calls that wait in a lane, by class. */
export class LaneDepth {
  @IsWhole({ min: 0, example: 0 })
  interactive!: number;

  @IsWhole({ min: 0, example: 0 })
  write!: number;

  @IsWhole({ min: 0, example: 0 })
  reconcile!: number;

  @IsWhole({ min: 0, example: 120 })
  bulk!: number;
}

/** The queue of one credential, whatever the number of connections that use it. */
export class LaneView {
  @IsText({
    description: 'The provider’s name and the start of a keyed fingerprint of origin and credential.',
    example: 'uds-3f9a1c',
  })
  id!: string;

  @IsText({ example: 'uds' })
  provider!: string;

  @IsTexts({
    optional: true,
    ids: 'con',
    description: 'Connections that share the lane.',
    max: 1000,
    example: [],
  })
  connectionIds?: string[];

  @IsPart(() => RateLimit)
  limit!: RateLimit;

  @IsWhole({ min: 0, description: 'Requests started in the current window.', example: 2 })
  slotsUsed!: number;

  @IsPart(() => LaneDepth)
  waiting!: LaneDepth;

  @IsWhole({
    min: 0,
    description:
      'How long a new call would wait behind all of these, in milliseconds. Operations of paused connections are not counted: they wait for a person.',
    example: 24_000,
  })
  etaMs!: number;

  @IsFlag({ description: 'Whether calls are being refused.', example: false })
  saturated!: boolean;

  @IsChoice(breakerStates, {
    name: 'BreakerState',
    description:
      'Whether calls are sent to the provider, as seen by the process that answers; open = the provider has not answered for a while, so no calls are sent for some seconds.',
    example: 'closed',
  })
  breaker!: BreakerState;

  @IsMoment({ optional: true, description: 'When the pause that the provider asked for ends.' })
  pausedUntil?: string;
}
