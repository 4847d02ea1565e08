import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  ConsentComplete,
  ConsentSession,
  ConsentSessionCreate,
  Conversion,
  ConversionCreate,
  Lead,
  LeadCreate,
  Link,
  LinkCreate,
  Operation,
  Payout,
  PayoutCreate,
  ListQuery,
  bodyExamples,
  listOf,
} from '#canonical';
import type { List } from '#canonical';
import { CONSENT, completeConsent, kinds, linkView, readConsentSession } from '#outbound';
import type { OpenConnection, WriteName } from '#outbound';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { AgreedConnection } from '../auth/agreed-connection.guard.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { CurrentConnection, NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Answer } from '../http/answer.js';
import { Cursors } from '../http/cursors.js';
import { CurrentIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';

class LinkList extends listOf(Link) {}
class ConsentSessionList extends listOf(ConsentSession) {}

const ofItsConnection = AgreedConnection(({ database, stores }, tenantId, id) =>
  stores.records.find(database.direct, tenantId, CONSENT, id),
);

@ApiTags('Referral')
@Controller('v1')
export class ReferralWritesController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
    private readonly cursors: Cursors,
  ) {}

  @Post('referral/links')
  @Scopes('referral:write')
  @ApiBody({ type: LinkCreate, examples: bodyExamples.LinkCreate })
  @Answers('Create a referral link', { 201: Link, 202: Operation }, [
    'customer-not-found',
    'end-user-token-invalid',
    'capability-not-supported',
  ])
  createLink(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: LinkCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return this.#submit('createLink', connection, body, intent);
  }

  @Get('referral/links')
  @Scopes('referral:read')
  @Answers('List the referral links created here', { 200: LinkList })
  async links(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Query() query: ListQuery,
  ): Promise<List<Link>> {
    const { database, stores } = this.core;
    const filter = { filled: true, connectionId: await this.resolver.idOf(caller, named) };
    return this.cursors.page(
      { caller, list: 'links', query: { ...query, ...filter } },
      start => stores.records.page(database.direct, caller.tenantId, 'link', { ...filter, ...start }),
      linkView,
    );
  }

  @Post('referral/leads')
  @Scopes('referral:write')
  @ApiBody({ type: LeadCreate, examples: bodyExamples.LeadCreate })
  @Answers('Submit a lead', { 201: Lead, 202: Operation }, ['customer-not-found', 'capability-not-supported'])
  createLead(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: LeadCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return this.#submit('createLead', connection, body, intent);
  }

  @Post('referral/conversions')
  @Scopes('referral:write')
  @ApiBody({ type: ConversionCreate, examples: bodyExamples.ConversionCreate })
  @Answers('Register a lead’s purchase', { 201: Conversion, 200: Conversion, 202: Operation }, [
    'duplicate-reference',
    'state-conflict',
    'capability-not-supported',
  ])
  createConversion(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: ConversionCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return this.#submit('createConversion', connection, body, intent);
  }

  @Post('referral/payouts')
  @Scopes('referral:write')
  @ApiBody({ type: PayoutCreate, examples: bodyExamples.PayoutCreate })
  @Answers('Order a payout', { 201: Payout, 202: Operation }, [
    'payout-below-minimum',
    'payout-method-unavailable',
    'payout-balance-empty',
    'capability-not-supported',
  ])
  createPayout(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: PayoutCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return this.#submit('createPayout', connection, body, intent);
  }

  @Post('consent-sessions')
  @Scopes('referral:write')
  @Answers('Ask an end user for consent in a popup', { 201: ConsentSession, 202: Operation }, [
    'capability-not-supported',
  ])
  createConsent(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: ConsentSessionCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return this.#submit('createConsentSession', connection, body, intent);
  }

  @Get('consent-sessions')
  @Scopes('referral:read')
  @Answers('List consent sessions', { 200: ConsentSessionList })
  async consents(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Query() query: ListQuery,
  ): Promise<List<ConsentSession>> {
    const { database, stores } = this.core;
    const filter = { connectionId: await this.resolver.idOf(caller, named) };
    return this.cursors.page(
      { caller, list: 'consent-sessions', query: { ...query, ...filter } },
      start => stores.records.page(database.direct, caller.tenantId, CONSENT, { ...filter, ...start }),
      ({ id }) => readConsentSession(this.core, caller.tenantId, id),
    );
  }

  @Get('consent-sessions/:id')
  @ofItsConnection
  @Scopes('referral:read')
  @Answers('Read a consent session', { 200: ConsentSession })
  readConsent(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ConsentSession> {
    return readConsentSession(this.core, caller.tenantId, id);
  }

  @Post('consent-sessions/:id/complete')
  @ofItsConnection
  @Scopes('referral:write')
  @Answers('Complete a consent session with the popup’s answer', { 200: ConsentSession }, [
    'state-conflict',
    'end-user-token-invalid',
  ])
  complete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ConsentComplete,
  ): Promise<ConsentSession> {
    return completeConsent(this.core, caller.tenantId, id, body);
  }

  #submit(kind: WriteName, connection: OpenConnection, body: object, intent: Intent): Promise<Answer> {
    return submitted(this.core, { kind: kinds[kind], connection, body, params: {} }, intent);
  }
}
