import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ProviderCall, ProviderCallsQuery, listOf } from '#canonical';
import type { List } from '#canonical';
import type { StoredCall } from '#persistence';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';

class ProviderCallList extends listOf(ProviderCall) {}

@ApiTags('Operations')
@Controller('v1/provider-calls')
export class ProviderCallsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @Scopes('operations:read')
  @Answers('List the calls sent to providers, redacted', { 200: ProviderCallList })
  list(@CurrentCaller() caller: Caller, @Query() query: ProviderCallsQuery): Promise<List<ProviderCall>> {
    const { database, stores } = this.core;
    return this.cursors.page(
      { caller, list: 'provider-calls', query },
      start => stores.journal.calls(database.direct, caller.tenantId, { ...query, ...start }),
      view,
    );
  }
}

const MOST_SHOWN = 2_000;

function view(call: StoredCall): ProviderCall {
  const sent = call.request?.preview as string | undefined;
  const got = call.response?.preview as string | undefined;
  return {
    id: call.id,
    ...(call.operationId ? { operationId: call.operationId } : {}),
    connectionId: call.connectionId,
    at: call.at.toISOString(),
    exchange: call.exchange,
    method: call.method,
    url: call.url,
    ...(call.status === null ? {} : { status: call.status }),
    durationMs: Math.round(Number(call.durationMs ?? 0)),
    verdict: call.outcome,
    ...(sent === undefined ? {} : { requestBody: sent }),
    ...(got === undefined ? {} : { responseBody: got }),
    ...([sent, got].some(text => (text?.length ?? 0) >= MOST_SHOWN) ? { truncated: true } : {}),
  };
}
