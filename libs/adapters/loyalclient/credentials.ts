import { IsText } from '#canonical';

/** What proves a merchant at LoyalClient: the key goes in the header `apikey`. */
export class LoyalClientCredentials {
  @IsText({
    description: 'The API key that LoyalClient gives out on request.',
    example: 'demo-loyalclient-key',
    pattern: /^\S+$/,
  })
  apiKey!: string;
}
