import { IsText } from '#canonical';

/** What a connection may choose at Recreativ. */
export class RecreativSettings {
  @IsText({
    description: 'Currency in which the account counts; Recreativ never says. RUB unless set.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
    optional: true,
  })
  currency: string = 'RUB';
}
