import { Body, Controller, Inject, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Quote, QuoteCreate, ReadQuery, bodyExamples } from '#canonical';
import { quote } from '#outbound';
import type { OpenConnection } from '#outbound';
import { CurrentConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { CurrentAsk } from '../http/provider-read.js';
import type { Asked } from '../http/provider-read.js';
import { withRaw } from '../http/raw.js';

@ApiTags('Quotes')
@Controller('v1/quotes')
export class QuotesController {
  constructor(@Inject(CORE) private readonly core: Core) {}

  @Post()
  @Scopes('loyalty:read')
  @ApiBody({ type: QuoteCreate, examples: bodyExamples.QuoteCreate })
  @Answers('Price a receipt without booking it', { 200: Quote }, [
    'customer-not-found',
    'insufficient-points',
    'redeem-limit-exceeded',
    'redeem-requires-code',
    'purchase-by-phone-disabled',
    'customer-blocked',
    'amount-mismatch',
    'location-unknown',
    'hold-expired',
    'state-conflict',
    'identity-token-expired',
    'capability-not-supported',
  ])
  create(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: QuoteCreate,
    @Query() { include }: ReadQuery,
    @CurrentAsk() asked: Asked,
  ): Promise<Quote> {
    return withRaw(connection, include, seen => quote(this.core, connection, body, { ...asked, seen }));
  }
}
