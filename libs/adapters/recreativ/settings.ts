import { IsText } from '#canonical';

/** The settings of a Recreativ connection. */
export class RecreativSettings {
  @IsText({
    description: 'The currency of the account, which Recreativ’s answers do not contain; RUB by default.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
    optional: true,
  })
  currency: string = 'RUB';
}
