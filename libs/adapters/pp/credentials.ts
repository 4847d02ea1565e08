import { IsText } from '#canonical';

/** The credentials of a partner at a Premium Exchanger site. */
export class PpCredentials {
  @IsText({
    description:
      'The REST API key of the partner cabinet. Changing it there invalidates the old one at once.',
    example: 'demo-pp-key',
    pattern: /^[!-~]+$/,
  })
  apiKey!: string;

  @IsText({
    description: 'The API login; required only by the dialect `userapi-v1`.',
    example: 'demo-pp-login',
    pattern: /^[!-~]+$/,
    optional: true,
  })
  apiLogin?: string;
}
