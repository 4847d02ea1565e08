import { IsText } from '#canonical';

/** The credentials of an account at Recreativ: a token, sent in the header `Auth-Token`. */
export class RecreativCredentials {
  @IsText({
    description: 'The API key of the account’s profile page; Recreativ’s support switches it on.',
    example: 'demo-recreativ-token',
    pattern: /^\S+$/,
  })
  authToken!: string;
}
