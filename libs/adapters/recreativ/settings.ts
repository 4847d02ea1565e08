import { IsText } from '#canonical';

/** The settings of a Recreativ connection. */
export class RecreativSettings {
  @IsText({
    description: 'Currency in which the account counts; Recreativ never says. RUB unless set.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
    optional: true,
  })
  currency: string = 'RUB';
}
