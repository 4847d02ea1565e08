import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Operation, Purchase, PurchaseCreate, PurchasesQuery, bodyExamples, listOf } from '#canonical';
import type { List } from '#canonical';
import { purchaseKind, purchaseView } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredPurchase } from '#persistence';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { CurrentConnection, NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Answer } from '../http/answer.js';
import { Cursors } from '../http/cursors.js';
import { found } from '../http/found.js';
import { CurrentIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';

class PurchaseList extends listOf(Purchase) {}

@ApiTags('Purchases')
@Controller('v1/purchases')
export class PurchasesController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
    private readonly cursors: Cursors,
  ) {}

  @Post()
  @Scopes('loyalty:write')
  @ApiBody({ type: PurchaseCreate, examples: bodyExamples.PurchaseCreate })
  @Answers('Book a purchase', { 201: Purchase, 200: Purchase, 202: Operation }, [
    'customer-not-found',
    'insufficient-points',
    'redeem-limit-exceeded',
    'redeem-requires-code',
    'purchase-by-phone-disabled',
    'customer-blocked',
    'amount-mismatch',
    'location-unknown',
    'cashier-unknown',
    'customer-operation-unresolved',
    'hold-expired',
    'identity-token-expired',
    'duplicate-reference',
    'capability-not-supported',
  ])
  create(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: PurchaseCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return submitted(this.core, { kind: purchaseKind, connection, body, params: {} }, intent);
  }

  @Get()
  @Scopes('loyalty:read')
  @Answers('List purchases, or find them by the merchant’s reference', { 200: PurchaseList })
  async list(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Query() query: PurchasesQuery,
  ): Promise<List<Purchase>> {
    const filter = { ...query, connectionId: await this.resolver.idOf(caller, named) };
    return this.cursors.page(
      { caller, list: 'purchases', query: filter },
      start =>
        this.core.stores.purchases.page(this.core.database.direct, caller.tenantId, { ...filter, ...start }),
      stored => this.#view(stored),
    );
  }

  @Get(':id')
  @Scopes('loyalty:read')
  @Answers('Read a purchase', { 200: Purchase })
  async read(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
  ): Promise<Purchase> {
    const { database, stores } = this.core;
    const stored = found(await stores.purchases.find(database.direct, caller.tenantId, id));
    await this.resolver.agree(caller, named, stored.connectionId);
    return this.#view(stored);
  }

  async #view(stored: StoredPurchase): Promise<Purchase> {
    const { direct } = this.core.database;
    const operation = (await this.core.stores.operations.byId(direct, stored.operationId))!;
    return purchaseView(this.core, direct, stored, operation);
  }
}
