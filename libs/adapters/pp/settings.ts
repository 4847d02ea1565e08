import { IsChoice, IsText } from '#canonical';

/** The two APIs of Premium Exchanger sites: the documented one, and the newer user API. */
export const dialects = ['ppapi', 'userapi-v1'] as const;

/** The settings of a connection to a Premium Exchanger site. */
export class PpSettings {
  @IsText({
    description:
      'Path of the API below the site root; `/api.php` if the site uses physical files. Only for `ppapi`.',
    example: '/api.html',
    pattern: /^(\/[A-Za-z0-9_~.-]+)+$/,
    optional: true,
  })
  path?: string;

  @IsChoice(dialects, {
    description: 'The API that the site offers: `ppapi` (default) or `userapi-v1`.',
    default: 'ppapi',
    optional: true,
  })
  dialect?: (typeof dialects)[number];

  @IsText({
    description:
      "The site's base currency, used for balance and rewards; if not set, it is read from a payout.",
    example: 'USD',
    pattern: /^[A-Z][A-Z0-9]{2,15}$/,
    optional: true,
  })
  currency?: string;
}
