import { IsText } from '#canonical';

/** The credentials of an account at Recreativ: a token, sent in the header `Auth-Token`. */
export class RecreativCredentials {
  @IsText({
    description: 'The API key from the account’s profile page; Recreativ’s support activates it.',
    example: 'demo-recreativ-token',
    pattern: /^[!-~]+$/,
  })
  authToken!: string;
}
