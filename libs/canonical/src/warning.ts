import { IsText } from './fields.js';

/** Something the caller should know about an answer that is right all the same. */
export class Warning {
  @IsText({ example: 'points-rounded-down', description: 'A word for programs.' })
  code!: string;

  @IsText({ example: 'The provider counts whole points only.', max: 1000 })
  detail!: string;

  @IsText({ optional: true, example: '/receipt/redeemPoints', description: 'JSON pointer into the request.' })
  pointer?: string;
}
