import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiKey, ApiKeyCreate, ListQuery, Refusal, listOf } from '#canonical';
import type { List } from '#canonical';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { KeyRing } from '../auth/key-ring.js';
import { Scopes } from '../auth/scopes.js';
import { OPEN_CORE } from '../core.js';
import type { OpenCore } from '../core.js';
import { Answer } from '../http/answer.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { found } from '../http/found.js';
import { apiKeyView } from './api-key-view.js';
import { newApiKey } from './new-api-key.js';

class ApiKeyList extends listOf(ApiKey) {}

@ApiTags('API keys')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(
    @Inject(OPEN_CORE) private readonly open: OpenCore,
    private readonly cursors: Cursors,
    private readonly keys: KeyRing,
  ) {}

  @Post()
  @Scopes('keys:write')
  @Answers('Create an API key; the key is shown only this once', { 201: ApiKey }, ['scope-missing'])
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: ApiKeyCreate,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Answer> {
    const { core, tenants } = this.open;
    const { row, key } = await newApiKey(this.open, caller, body);
    await core.database.transaction(async tx => {
      await tenants.insertKey(tx, row);
      await audit(core, tx, caller, { action: 'api-key.created', id: row.id, requestId });
    });
    const made: ApiKey = { ...apiKeyView({ ...row, lastUsedAt: null }), key };
    return new Answer(201, made, { location: `/v1/api-keys/${row.id}` });
  }

  @Get()
  @Scopes('keys:read')
  @Answers('List API keys, without the keys themselves', { 200: ApiKeyList })
  list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<ApiKey>> {
    const { core, tenants } = this.open;
    return this.cursors.page(
      { caller, list: 'api-keys', query },
      start => tenants.keys(core.database.direct, caller.tenantId, start),
      apiKeyView,
    );
  }

  @Get(':id')
  @Scopes('keys:read')
  @Answers('Read an API key, without the key itself', { 200: ApiKey })
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ApiKey> {
    const { core, tenants } = this.open;
    return apiKeyView(found(await tenants.findKey(core.database.direct, caller.tenantId, id)));
  }

  @Delete(':id')
  @Scopes('keys:write')
  @Answers('Revoke an API key: effective here at once, everywhere within five seconds', { 204: null })
  async revoke(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<void> {
    const { core, tenants } = this.open;
    await core.database.transaction(async tx => {
      if (!(await tenants.revokeKey(tx, caller.tenantId, id))) throw new Refusal('not-found');
      await audit(core, tx, caller, { action: 'api-key.revoked', id, requestId });
    });
    this.keys.forget();
  }
}
