import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation, Refund, RefundCreate, Refusal } from '#canonical';
import { refundKind, refundView } from '#outbound';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Answer } from '../http/answer.js';
import { CurrentIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';

@ApiTags('Refunds')
@Controller('v1')
export class RefundsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
  ) {}

  @Post('purchases/:id/refunds')
  @Scopes('loyalty:write')
  @Answers('Refund a purchase, in whole or in part', { 201: Refund, 200: Refund, 202: Operation }, [
    'refund-exceeds-purchase',
    'state-conflict',
    'duplicate-reference',
    'capability-not-supported',
  ])
  async create(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
    @Body() body: RefundCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    const purchase = await this.core.stores.purchases.find(this.core.database.direct, caller.tenantId, id);
    if (!purchase) throw new Refusal('not-found');
    const { connectionId } = purchase;
    const { idempotencyKey, timing } = intent;
    const resource = { named, connectionId, idempotencyKey, body, timing };
    const connection = await this.resolver.forResource(caller, resource);
    return submitted(this.core, { kind: refundKind, connection, body, params: { purchaseId: id } }, intent);
  }

  @Get('refunds/:id')
  @Scopes('loyalty:read')
  @Answers('Read a refund', { 200: Refund })
  async read(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
  ): Promise<Refund> {
    const { direct } = this.core.database;
    const stored = await this.core.stores.refunds.find(direct, caller.tenantId, id);
    if (!stored) throw new Refusal('not-found');
    await this.resolver.agree(caller, named, stored.connectionId);
    return refundView(stored, (await this.core.stores.operations.byId(direct, stored.operationId))!);
  }
}
