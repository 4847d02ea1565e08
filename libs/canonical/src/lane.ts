import { IsFlag, IsMoment, IsText, IsTexts, IsWhole } from './fields.js';
import { IsPart } from './parts.js';
import { RateLimit } from './provider.js';

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
  @IsText({ description: 'Fingerprint of provider, origin and credential.', example: 'uds-3f9a1c' })
  id!: string;

  @IsText({ example: 'uds' })
  provider!: string;

  @IsTexts({ optional: true, ids: 'con', description: 'Connections that share it.', max: 1000, example: [] })
  connectionIds?: string[];

  @IsPart(() => RateLimit)
  limit!: RateLimit;

  @IsWhole({ min: 0, description: 'Starts in the present window.', example: 2 })
  slotsUsed!: number;

  @IsPart(() => LaneDepth)
  waiting!: LaneDepth;

  @IsFlag({ description: 'Calls are being turned away.', example: false })
  saturated!: boolean;

  @IsMoment({ optional: true, description: 'The provider asked for a pause until then.' })
  pausedUntil?: string;
}
