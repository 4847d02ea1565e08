import { IsChoice, IsFlag, IsIdOf, IsText } from './fields.js';
import { IsPart } from './parts.js';

/** What a referral link leads to. */
export const linkTargets = ['website', 'offer', 'shop', 'partner', 'storefront'] as const;
/** One of `linkTargets`. */
export type LinkTargetType = (typeof linkTargets)[number];

/** The target of a referral link. */
export class LinkTarget {
  @IsChoice(linkTargets, { name: 'LinkTargetType', example: 'offer' })
  type!: LinkTargetType;

  @IsText({ description: 'The id at the provider.', example: 'off_42' })
  id!: string;
}

/** The input for a customer's referral link. */
export class LinkCreate {
  @IsIdOf('cus', { description: 'The referring customer.' })
  customerId!: string;

  @IsPart(() => LinkTarget)
  target!: LinkTarget;

  @IsText({ optional: true, max: 1000, multiline: true, example: 'I have been coming here for years.' })
  recommendationText?: string;

  @IsText({ optional: true, max: 64, example: 'ANNA10' })
  promoCode?: string;
}

/** A referral link. */
export class Link {
  @IsIdOf('lnk')
  id!: string;

  @IsText({ max: 2048, example: 'https://rec.ca/r/8fj2k' })
  shortUrl!: string;

  @IsText({ optional: true, example: '8fj2k' })
  code?: string;

  @IsText({ optional: true, max: 4096, description: 'The provider’s signed reference for a landing page.' })
  signedRef?: string;

  @IsText({ optional: true, example: 'dl_91' })
  providerRef?: string;

  @IsFlag({ description: 'Whether the same link already existed.', example: false })
  reused!: boolean;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}

/** A click on a referral link. */
export class Click {
  @IsText({ example: '1895', description: 'The id at the provider.' })
  id!: string;

  @IsText({ example: '2026-11-20T18:05:00.000Z', description: 'By the provider’s clock.' })
  at!: string;

  @IsText({
    optional: true,
    min: 0,
    max: 4096,
    description: 'Query string of the landing page.',
    example: 'rid=17',
  })
  landingQuery?: string;

  @IsText({ optional: true, min: 0, max: 4096, example: 'https://forum.example.com/thread/12' })
  referrer?: string;

  @IsText({ optional: true, min: 0, example: '5f4dcc3b5aa765d61d8327deb882cf99' })
  visitorHash?: string;

  @IsText({ optional: true, min: 0, max: 1024, example: 'Mozilla/5.0' })
  userAgent?: string;

  @IsText({ optional: true, min: 0, example: '203.0.113.7' })
  ip?: string;
}
