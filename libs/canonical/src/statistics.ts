import { IsChoice, IsText, IsWhole } from './fields.js';
import { IsMoney, Money } from './money.js';
import { IsDecimal, IsPercent, type Percent } from './percent.js';

/** The subjects of statistics. */
export const statSubjects = ['campaigns', 'offers', 'sites', 'blocks', 'devices'] as const;
/** One of `statSubjects`. */
export type StatSubject = (typeof statSubjects)[number];

/** One line of a report; figures that the provider does not have are absent. */
export class StatRow {
  @IsChoice(statSubjects, { name: 'StatSubject', example: 'campaigns' })
  subject!: StatSubject;

  @IsText({ optional: true, description: 'The id at the provider.', example: '2154' })
  subjectId?: string;

  @IsText({ optional: true, description: 'With `groupBy=date`.', example: '2026-11-20' })
  date?: string;

  @IsWhole({ optional: true, min: 0, example: 12000 })
  views?: number;

  @IsWhole({ optional: true, min: 0, example: 240 })
  clicks?: number;

  @IsWhole({ optional: true, min: 0, example: 6 })
  conversions?: number;

  @IsMoney({ optional: true, description: 'The amount the advertiser paid.' })
  spend?: Money;

  @IsMoney({ optional: true, description: 'The amount the site earned.' })
  revenue?: Money;

  @IsPercent({ optional: true, description: 'Clicks per view, in percent.', example: '2' })
  ctr?: Percent;

  @IsMoney({ optional: true, description: 'Cost per thousand views.' })
  cpm?: Money;

  @IsMoney({ optional: true, description: 'Cost per click.' })
  cpc?: Money;

  @IsMoney({ optional: true, description: 'Cost per order.' })
  cpo?: Money;

  @IsPercent({ optional: true, description: 'Orders per click, in percent.', example: '2.5' })
  cr?: Percent;

  @IsDecimal({ optional: true, description: 'The multiplier of the bid.', example: '1.5' })
  coefficient?: string;
}
