import { IsChoice, IsDayOrMoment, IsIdOf, IsText, IsTexts, IsWhole } from './fields.js';
import { leadStatuses, payoutStatuses, type LeadStatus, type PayoutStatus } from './states.js';
import { statSubjects, type StatSubject } from './statistics.js';

const stalenessField = {
  optional: true,
  min: 0,
  max: 86400,
  description: 'Accept a cached answer up to this many seconds old.',
} as const;

/** Optional parts of an answer. */
export class ReadQuery {
  @IsChoice(['raw'], { optional: true, description: 'Adds the provider’s answer, redacted.' })
  include?: 'raw';
}

/** A report of a provider, of which a caller may accept an older answer. */
export class ReportQuery extends ReadQuery {
  @IsWhole(stalenessField)
  maxStaleness?: number;
}

/** The page of a list. */
export class ListQuery {
  @IsWhole({ optional: true, min: 1, max: 100, default: 25, description: 'Rows on a page.', example: 25 })
  limit: number = 25;

  @IsText({
    optional: true,
    max: 4096,
    description: '`nextCursor` of the previous page; keep the other parameters unchanged.',
  })
  cursor?: string;
}

/** A list kept by a provider. */
export class ReportedListQuery extends ListQuery {
  @IsChoice(['raw'], { optional: true, description: 'Adds the provider’s answer, redacted.' })
  include?: 'raw';

  @IsWhole(stalenessField)
  maxStaleness?: number;
}

/** One whose rows have dates. */
export class ProviderListQuery extends ReportedListQuery {
  @IsDayOrMoment({ optional: true, description: 'Start of the period; a date means the whole UTC day.' })
  from?: string;

  @IsDayOrMoment({
    optional: true,
    description: 'End of the period, inclusive; `from` and `to` may be at most 366 days apart.',
  })
  to?: string;
}

/** Customers of a provider. */
export class CustomersQuery extends ProviderListQuery {}

/** A customer's account. */
export class TransactionsQuery extends ProviderListQuery {}

/** Clicks on referral links. */
export class ClicksQuery extends ProviderListQuery {
  @IsText({ optional: true, max: 45, description: 'Only clicks from this IP address.' })
  ip?: string;
}

/** Leads, of one customer if the provider requires that. */
export class LeadsQuery extends ProviderListQuery {
  @IsIdOf('cus', { optional: true, description: 'The customer whose leads are listed.' })
  customerId?: string;

  @IsChoice(leadStatuses, { name: 'LeadStatus', optional: true })
  status?: LeadStatus;
}

/** Conversions, of one customer if the provider requires that. */
export class ConversionsQuery extends ProviderListQuery {
  @IsIdOf('cus', { optional: true, description: 'The customer whose conversions are listed.' })
  customerId?: string;
}

/** Payouts. */
export class PayoutsQuery extends ProviderListQuery {
  @IsChoice(payoutStatuses, { name: 'PayoutStatus', optional: true })
  status?: PayoutStatus;
}

/** Payout methods. */
export class PayoutMethodsQuery extends ReportedListQuery {}

/** Referral partners. */
export class PartnersQuery extends ProviderListQuery {
  @IsIdOf('cus', { optional: true, description: 'The customer whose partners are listed.' })
  customerId?: string;
}

/** A referral tree. */
export class TreeQuery extends ReportQuery {
  @IsIdOf('cus', {
    optional: true,
    description: 'The root of the tree; required if the provider does not have a default one.',
  })
  customerId?: string;

  @IsWhole({ optional: true, min: 1, max: 20 })
  maxDepth?: number;
}

/** Referral totals. */
export class SummaryQuery extends ReportQuery {
  @IsIdOf('cus', {
    optional: true,
    description: 'The customer whose totals are read; absent = the whole account.',
  })
  customerId?: string;
}

/** A report. */
export class StatisticsQuery extends ProviderListQuery {
  @IsChoice(statSubjects, { name: 'StatSubject', example: 'campaigns' })
  subject!: StatSubject;

  @IsChoice(['none', 'date'], { optional: true, default: 'none' })
  groupBy: 'none' | 'date' = 'none';

  @IsTexts({
    optional: true,
    max: 100,
    description: 'Only these ids at the provider, separated by commas.',
  })
  ids?: string[];

  @IsText({
    optional: true,
    max: 64,
    description: 'The parent of the subjects (for example the campaign of offers).',
  })
  parentId?: string;

  @IsText({ optional: true, max: 64, description: 'A provider-specific filter.' })
  target?: string;
}
