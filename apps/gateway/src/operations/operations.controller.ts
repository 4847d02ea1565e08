import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  Operation,
  OperationEvent,
  OperationResolve,
  OperationsQuery,
  isErrorCode,
  listOf,
  storedMessageOf,
} from '#canonical';
import type { Language, List } from '#canonical';
import {
  assertKindName,
  cancelOperation,
  operationOf,
  operationView,
  probeNow,
  resolveOperation,
} from '#outbound';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { AgreedConnection } from '../auth/agreed-connection.guard.js';
import { ConnectionResolver } from '../auth/connection-resolver.js';
import { NamedConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answer } from '../http/answer.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { IdempotencyKey } from '../http/idempotency.js';
import { IdempotentAnswers } from '../http/idempotent-answers.js';
import { CurrentLanguage } from '../http/language.js';
import { WaitMs } from '../http/prefer.js';
import { NoBody } from '../http/route-options.js';

class OperationList extends listOf(Operation) {}
class OperationEventList extends listOf(OperationEvent, 'Oldest first.') {}

const ofItsConnection = AgreedConnection(({ database, stores }, tenantId, id) =>
  stores.operations.find(database.direct, tenantId, id),
);

@ApiTags('Operations')
@Controller('v1/operations')
export class OperationsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly resolver: ConnectionResolver,
    private readonly cursors: Cursors,
    private readonly answers: IdempotentAnswers,
  ) {}

  @Get()
  @Scopes('operations:read')
  @Answers('List writes and their outcomes', { 200: OperationList })
  async list(
    @CurrentCaller() caller: Caller,
    @NamedConnection() named: string | undefined,
    @CurrentLanguage() language: Language,
    @Query() query: OperationsQuery,
  ): Promise<List<Operation>> {
    assertKindName(query.kind);
    const { direct } = this.core.database;
    const { connectionId = await this.resolver.idOf(caller, named) } = query;
    if (connectionId !== undefined) await this.resolver.agree(caller, named, connectionId);
    const filter = { ...query, connectionId };
    return this.cursors.page(
      { caller, list: 'operations', query: filter },
      start => this.core.stores.operations.page(direct, caller.tenantId, { ...filter, ...start }),
      async row => toldIn(language, await operationView(this.core, direct, row)),
    );
  }

  @Get(':id')
  @ofItsConnection
  @Scopes('operations:read')
  @Answers('Read one operation', { 200: Operation })
  async read(
    @CurrentCaller() caller: Caller,
    @CurrentLanguage() language: Language,
    @Param('id') id: string,
  ): Promise<Operation> {
    const { core } = this;
    return toldIn(language, await operationOf(core, core.database.direct, caller.tenantId, id));
  }

  @Get(':id/events')
  @ofItsConnection
  @Scopes('operations:read')
  @Answers('List the operation’s timeline, oldest first', { 200: OperationEventList })
  async events(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<List<OperationEvent>> {
    const { direct } = this.core.database;
    await operationOf(this.core, direct, caller.tenantId, id);
    const lines = await this.core.stores.operations.timeline(direct, caller.tenantId, id);
    const data = lines.map(({ at, state, detail }, index) => ({
      at: at.toISOString(),
      ...(index > 0 ? { from: lines[index - 1]!.state as Operation['state'] } : {}),
      state: state as Operation['state'],
      ...detail,
    }));
    return { data, nextCursor: null };
  }

  @Post(':id/reconcile')
  @NoBody()
  @ofItsConnection
  @Scopes('operations:write')
  @Answers('Reconcile now instead of at the next scheduled time', { 200: Operation }, ['state-conflict'])
  async reconcile(
    @CurrentCaller() caller: Caller,
    @CurrentLanguage() language: Language,
    @Param('id') id: string,
    @WaitMs() waitMs: number,
  ): Promise<Operation> {
    await probeNow(this.core, caller.tenantId, id, waitMs);
    return this.read(caller, language, id);
  }

  @Post(':id/resolve')
  @ofItsConnection
  @Scopes('operations:write')
  @Answers('Resolve an unknown outcome manually', { 200: Operation }, ['state-conflict'])
  resolve(
    @CurrentCaller() caller: Caller,
    @CurrentLanguage() language: Language,
    @Param('id') id: string,
    @Body() body: OperationResolve,
    @IdempotencyKey() key: string,
    @WaitMs() waitMs: number,
  ): Promise<Answer> {
    const { core } = this;
    const { tenantId, keyId: actor, keyName: actorName } = caller;
    return this.answers.once(
      { caller, key, route: `POST /v1/operations/${id}/resolve`, body },
      // Before the key: it has a transaction of its own, and the same word twice changes nothing.
      () => resolveOperation(core, { tenantId, actor, actorName, waitMs }, id, body),
      async tx => new Answer(200, toldIn(language, await operationOf(core, tx, tenantId, id))),
    );
  }

  @Post(':id/cancel')
  @NoBody()
  @ofItsConnection
  @Scopes('operations:write')
  @Answers('Cancel an operation that has not been sent yet', { 200: Operation }, ['state-conflict'])
  async cancel(
    @CurrentCaller() caller: Caller,
    @CurrentLanguage() language: Language,
    @Param('id') id: string,
  ): Promise<Operation> {
    await cancelOperation(this.core, caller.tenantId, id);
    return this.read(caller, language, id);
  }
}

/** The row stores one language; the response uses the reader's. */
function toldIn(language: Language, { problem, ...operation }: Operation): Operation {
  if (!problem || !isErrorCode(problem.code)) return { ...operation, ...(problem && { problem }) };
  return {
    ...operation,
    problem: { ...problem, userMessage: storedMessageOf(problem.code, operation.state)[language] },
  };
}
