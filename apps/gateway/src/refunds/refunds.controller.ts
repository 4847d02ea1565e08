import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation, Refund, RefundCreate } from '#canonical';
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
import { found } from '../http/found.js';
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
    const { database, stores } = this.core;
    const { connectionId } = found(await stores.purchases.find(database.direct, caller.tenantId, id));
    const connection = await this.resolver.forResource(caller, { named, connectionId, body }, intent);
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
    const { database, stores } = this.core;
    const stored = found(await stores.refunds.find(database.direct, caller.tenantId, id));
    await this.resolver.agree(caller, named, stored.connectionId);
    return refundView(stored, (await stores.operations.byId(database.direct, stored.operationId))!);
  }
}
