import {
  Check,
  IsChoice,
  IsDayOrMoment,
  IsDecimal,
  IsFlag,
  IsText,
  IsTexts,
  IsWebAddress,
  IsWhole,
  exact,
  unacceptable,
} from '#canonical';
import { IsImage } from './image.js';
import { siteStatuses } from './models.js';
import { targets } from './target.js';

const orNumber = (words: readonly string[], first: number) => [
  ...words,
  ...words.map((_, at) => `${at + first}`),
];

// Recreativ's ids are whole numbers.
const numeric = /^\d{1,15}$/;

/** The period of the counts in an answer. */
export class RecreativWindow {
  @IsDayOrMoment({ optional: true, description: 'First day.', example: '2026-11-01' })
  from?: string;

  @IsDayOrMoment({ optional: true, description: 'Last day, inclusive.', example: '2026-11-20' })
  to?: string;
}

/** A period, and what counts as a conversion. */
export class RecreativTargetWindow extends RecreativWindow {
  @IsChoice(orNumber(targets, 0), { optional: true, description: 'What counts as a conversion.' })
  target?: string;
}

/** The query of categories. */
export class RecreativCategoriesQuery {
  @IsChoice(['webmaster', 'advertiser'], { example: 'advertiser' })
  scope!: 'webmaster' | 'advertiser';
}

/** The query of sites. */
export class RecreativSitesQuery extends RecreativWindow {
  @IsChoice(orNumber(siteStatuses, 0), { optional: true })
  status?: string;
}

const campaignTypes = ['retargeting', 'standard'] as const;

/** The query of a campaign's offers. */
export class RecreativOffersQuery extends RecreativTargetWindow {
  @IsChoice(orNumber(campaignTypes, 1), { optional: true })
  type?: string;

  @IsFlag({ optional: true, description: 'true = archived campaigns.' })
  archived?: boolean;
}

/** The query of campaigns. */
export class RecreativCampaignsQuery extends RecreativOffersQuery {
  @IsTexts({
    optional: true,
    max: 100,
    pattern: numeric,
    description: 'Only these ids; whole numbers.',
    example: ['111', '222'],
  })
  ids?: string[];
}

/** Recreativ's numbers of the words above; a number stays as it is. */
export const siteStatusId = (word: string | undefined) => numberOf(siteStatuses, word, 0);
/** 1 = retargeting, 2 = standard. */
export const campaignTypeId = (word: string | undefined) => numberOf(campaignTypes, word, 1);

function numberOf(words: readonly string[], word: string | undefined, first: number): string | undefined {
  const at = words.indexOf(word ?? '');
  return at < 0 ? word : String(at + first);
}

/** The body of a switch. */
export class RecreativSwitch {
  @IsFlag({ example: true })
  active!: boolean;
}

/** The body that sets a multiplier. */
export class RecreativCoefficient {
  @IsDecimal({ description: '"0.1" to "10".', example: '1.2' })
  @Check('range', value =>
    typeof value === 'string' &&
    /^-?\d+(\.\d+)?$/.test(value) &&
    (exact(value).lessThan('0.1') || exact(value).greaterThan(10))
      ? unacceptable('Expected "0.1" to "10".')
      : undefined,
  )
  coefficient!: string;
}

/** The body that creates an offer. */
export class RecreativOfferCreate {
  @IsText({ pattern: numeric, example: '111' })
  campaignId!: string;

  @IsText({
    max: 100,
    description: '60 characters; 100 where the campaign runs in Thailand.',
    example: 'Кофе',
  })
  description!: string;

  @IsWebAddress({ example: 'https://coffee.example.ru/new' })
  url!: string;

  @IsWhole({ optional: true, min: 0, example: 190 })
  price?: number;

  @IsWhole({
    optional: true,
    min: 1,
    max: 3,
    description: '1 = discount, 2 = "from", 3 = "up to".',
    example: 2,
  })
  discount?: number;

  @IsText({ optional: true, description: 'Of `campaigns/{id}/discount-types`.' })
  discountType?: string;

  @IsWhole({ optional: true, min: 0, example: 250 })
  oldPrice?: number;

  @IsText({ optional: true, pattern: numeric, description: 'Of `campaigns/{id}/subcategories`.' })
  subCategory?: string;

  @IsDecimal({ optional: true, description: 'Bid for a click.', example: '3.5' })
  clickPrice?: string;

  @IsImage({ optional: true, description: 'The main picture, oblong: a data URI, JPEG or PNG.' })
  rectangle?: string;

  @IsImage({ optional: true, description: 'The square picture: a data URI, JPEG or PNG.' })
  square?: string;
}
