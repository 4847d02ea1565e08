import { IsText } from '#canonical';

/** The credentials of a merchant at LoyalClient, sent in the header `apikey`. */
export class LoyalClientCredentials {
  @IsText({
    description: 'The API key, which LoyalClient issues on request.',
    example: 'demo-loyalclient-key',
    pattern: /^[!-~]+$/,
  })
  apiKey!: string;
}
