import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Click,
  ClicksQuery,
  Conversion,
  ConversionsQuery,
  Lead,
  LeadsQuery,
  Partner,
  PartnersQuery,
  Payout,
  PayoutMethod,
  PayoutMethodsQuery,
  PayoutsQuery,
  ReferralSummary,
  StatRow,
  StatisticsQuery,
  SummaryQuery,
  Tree,
  TreeQuery,
  providerListOf,
} from '#canonical';
import type { List } from '#canonical';
import {
  listClicks,
  listConversions,
  listLeads,
  listPartners,
  listPayoutMethods,
  listPayouts,
  readStatistics,
  readSummary,
  readTree,
} from '#outbound';
import type { OpenConnection } from '#outbound';
import { CurrentConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { ProviderLists } from '../http/provider-lists.js';
import { CurrentAsk } from '../http/provider-read.js';
import type { Asked } from '../http/provider-read.js';
import { withRaw } from '../http/raw.js';

class ClickList extends providerListOf(Click) {}
class LeadList extends providerListOf(Lead) {}
class ConversionList extends providerListOf(Conversion) {}
class PartnerList extends providerListOf(Partner) {}
class PayoutList extends providerListOf(Payout) {}
class PayoutMethodList extends providerListOf(PayoutMethod) {}
class StatRowList extends providerListOf(StatRow) {}

@ApiTags('Referral')
@Controller('v1')
export class ReferralReadsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly lists: ProviderLists,
  ) {}

  @Get('referral/clicks')
  @Scopes('referral:read')
  @Answers('List clicks on referral links', { 200: ClickList }, ['capability-not-supported'])
  clicks(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: ClicksQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Click>> {
    return this.lists.page({ ...asked, connection, list: 'clicks' }, query, (wish, terms) =>
      listClicks(this.core, connection, wish, terms),
    );
  }

  @Get('referral/leads')
  @Scopes('referral:read')
  @Answers('List leads', { 200: LeadList }, ['capability-not-supported'])
  leads(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: LeadsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Lead>> {
    return this.lists.page({ ...asked, connection, list: 'leads' }, query, (wish, terms) =>
      listLeads(this.core, connection, wish, terms),
    );
  }

  @Get('referral/conversions')
  @Scopes('referral:read')
  @Answers('List conversions', { 200: ConversionList }, ['capability-not-supported'])
  conversions(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: ConversionsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Conversion>> {
    return this.lists.page({ ...asked, connection, list: 'conversions' }, query, (wish, terms) =>
      listConversions(this.core, connection, wish, terms),
    );
  }

  @Get('referral/partners')
  @Scopes('referral:read')
  @Answers('List referral partners', { 200: PartnerList }, ['capability-not-supported'])
  partners(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: PartnersQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Partner>> {
    return this.lists.page({ ...asked, connection, list: 'partners' }, query, (wish, terms) =>
      listPartners(this.core, connection, wish, terms),
    );
  }

  @Get('referral/payouts')
  @Scopes('referral:read')
  @Answers('List payouts', { 200: PayoutList }, ['capability-not-supported'])
  payouts(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: PayoutsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<Payout>> {
    return this.lists.page({ ...asked, connection, list: 'payouts' }, query, (wish, terms) =>
      listPayouts(this.core, connection, wish, terms),
    );
  }

  @Get('referral/tree')
  @Scopes('referral:read')
  @Answers('Read a referral tree', { 200: Tree }, ['capability-not-supported'])
  tree(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: TreeQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<Tree> {
    return this.lists.recent({ ...asked, connection, list: 'tree' }, query, () =>
      withRaw(connection, query.include, seen => readTree(this.core, connection, query, { ...asked, seen })),
    );
  }

  @Get('referral/summary')
  @Scopes('referral:read')
  @Answers('Read the referral totals', { 200: ReferralSummary }, ['capability-not-supported'])
  summary(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: SummaryQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<ReferralSummary> {
    return this.lists.recent({ ...asked, connection, list: 'summary' }, query, () =>
      withRaw(connection, query.include, seen =>
        readSummary(this.core, connection, query, { ...asked, seen }),
      ),
    );
  }

  @Get('referral/payout-methods')
  @Scopes('referral:read')
  @Answers('List payout methods', { 200: PayoutMethodList }, ['capability-not-supported'])
  payoutMethods(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: PayoutMethodsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<PayoutMethod>> {
    return this.lists.slice({ ...asked, connection, list: 'payout-methods' }, query, terms =>
      listPayoutMethods(this.core, connection, terms),
    );
  }

  @Get('statistics')
  @Scopes('referral:read')
  @Answers('Read statistics', { 200: StatRowList }, ['capability-not-supported'])
  statistics(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: StatisticsQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<List<StatRow>> {
    const wish = { ...query, groupBy: query.groupBy ?? 'none' };
    return this.lists.slice({ ...asked, connection, list: 'statistics' }, query, terms =>
      readStatistics(this.core, connection, wish, terms),
    );
  }
}
