import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Hold, HoldCreate, HoldRelease, Operation, bodyExamples } from '#canonical';
import { currentHold, holdKind, holdView, releaseKind } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { StoredHold } from '#persistence';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { CurrentConnection, NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import type { Answer } from '../http/answer.js';
import { found } from '../http/found.js';
import { CurrentIntent, submitted } from '../http/intent.js';
import type { Intent } from '../http/intent.js';

@ApiTags('Holds')
@Controller('v1/holds')
export class HoldsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
  ) {}

  @Post()
  @Scopes('loyalty:write')
  @ApiBody({ type: HoldCreate, examples: bodyExamples.HoldCreate })
  @Answers('Hold points for a sale in progress', { 201: Hold, 202: Operation }, [
    'customer-not-found',
    'insufficient-points',
    'redeem-limit-exceeded',
    'hold-duration-out-of-range',
    'identity-token-expired',
    'location-unknown',
    'capability-not-supported',
  ])
  create(
    @CurrentConnection() connection: OpenConnection,
    @Body() body: HoldCreate,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    return submitted(this.core, { kind: holdKind, connection, body, params: {} }, intent);
  }

  @Get(':id')
  @Scopes('loyalty:read')
  @Answers('Read a hold', { 200: Hold })
  async read(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
  ): Promise<Hold> {
    const stored = await this.#find(caller, id);
    await this.resolver.agree(caller, named, stored.connectionId);
    return holdView(await currentHold(this.core, stored));
  }

  @Post(':id/release')
  @Scopes('loyalty:write')
  @Answers('Release held points early', { 200: Hold, 202: Operation }, ['hold-expired', 'state-conflict'])
  async release(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @Param('id') id: string,
    @Body() body: HoldRelease,
    @CurrentIntent() intent: Intent,
  ): Promise<Answer> {
    const { connectionId } = await this.#find(caller, id);
    const connection = await this.resolver.forResource(caller, { named, connectionId }, intent);
    return submitted(this.core, { kind: releaseKind, connection, body, params: { holdId: id } }, intent);
  }

  async #find(caller: Caller, id: string): Promise<StoredHold> {
    return found(await this.core.stores.holds.find(this.core.database.direct, caller.tenantId, id));
  }
}
