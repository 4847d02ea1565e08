import { IsChoice, IsText } from '#canonical';

/** The two APIs of Premium Exchanger sites: the documented one, and the newer user API. */
export const dialects = ['ppapi', 'userapi-v1'] as const;

/** The settings of a connection to a Premium Exchanger site. */
export class PpSettings {
  @IsText({
    description:
      'Entry point below the site root; `/api.php` where the site works with physical files. `ppapi` only.',
    example: '/api.html',
    pattern: /^(\/[A-Za-z0-9_~.-]+)+$/,
    optional: true,
  })
  path?: string;

  @IsChoice(dialects, {
    description: 'Which of the two APIs the site has: `ppapi` (default) or `userapi-v1`.',
    default: 'ppapi',
    optional: true,
  })
  dialect?: (typeof dialects)[number];

  @IsText({
    description:
      "The site's base currency, in which balance and rewards are counted; else any payout tells it.",
    example: 'USD',
    pattern: /^[A-Z][A-Z0-9]{2,15}$/,
    optional: true,
  })
  currency?: string;
}
