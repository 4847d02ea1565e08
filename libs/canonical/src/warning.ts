import { IsText } from './fields.js';

/** A warning about an answer that is nevertheless correct. */
export class Warning {
  @IsText({ example: 'points-rounded-down', description: 'A machine-readable code.' })
  code!: string;

  @IsText({ example: 'The provider counts whole points only.', max: 1000 })
  detail!: string;

  @IsText({ optional: true, example: '/receipt/redeemPoints', description: 'JSON pointer into the request.' })
  pointer?: string;
}
