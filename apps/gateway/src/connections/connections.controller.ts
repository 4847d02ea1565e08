import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { registry } from '#adapters';
import {
  Connection,
  ConnectionCreate,
  ConnectionPatch,
  IsChoice,
  ListQuery,
  Refusal,
  listOf,
} from '#canonical';
import type { List } from '#canonical';
import type { StoredConnection } from '#persistence';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { OPEN_CORE } from '../core.js';
import type { OpenCore } from '../core.js';
import { Answer } from '../http/answer.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { found } from '../http/found.js';
import { IdempotencyKey } from '../http/idempotency.js';
import { IdempotentAnswers } from '../http/idempotent-answers.js';
import { assertNothingInDoubt, changeOf, holdConnection, writePatch } from './change-connection.js';
import { connectionView, connectionViews } from './connection-view.js';
import { insertConnection, judge } from './create-connection.js';

class ConnectionList extends listOf(Connection) {}

class ConnectionsQuery extends ListQuery {
  @IsChoice(Object.keys(registry), { optional: true, description: 'Only connections to this provider.' })
  provider?: string;
}

interface Asked {
  caller: Caller;
  body: ConnectionCreate;
  key: string;
  requestId: string;
}

@ApiTags('Connections')
@Controller('v1/connections')
export class ConnectionsController {
  constructor(
    @Inject(OPEN_CORE) private readonly open: OpenCore,
    private readonly cursors: Cursors,
    private readonly answers: IdempotentAnswers,
  ) {}

  @Post()
  @Scopes('connections:write')
  @Answers('Connect a merchant’s account at a provider', { 201: Connection }, ['state-conflict'])
  create(
    @CurrentCaller() caller: Caller,
    @Body() body: ConnectionCreate,
    @IdempotencyKey() key: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Answer> {
    const make = () => this.#create({ caller, body, key, requestId });
    // Two that name no slug may pick the same one at the same moment: the later one looks again.
    return make().catch((error: unknown) => {
      if (body.slug === undefined && error instanceof Refusal && error.code === 'state-conflict')
        return make();
      throw error;
    });
  }

  @Get()
  @Scopes('connections:read')
  @Answers('List connections', { 200: ConnectionList })
  async list(@CurrentCaller() caller: Caller, @Query() query: ConnectionsQuery): Promise<List<Connection>> {
    const { core } = this.open;
    const { data, nextCursor } = await this.cursors.page<StoredConnection, StoredConnection>(
      { caller, list: 'connections', query },
      start =>
        core.stores.connections.list(core.database.direct, caller.tenantId, {
          ...start,
          provider: query.provider,
        }),
      stored => stored,
    );
    return { data: await connectionViews(core, caller.tenantId, data), nextCursor };
  }

  @Get(':id')
  @Scopes('connections:read')
  @Answers('Read a connection', { 200: Connection })
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<Connection> {
    return connectionView(this.open.core, await this.#find(caller, id));
  }

  @Patch(':id')
  @Scopes('connections:write')
  @Answers('Change a connection', { 200: Connection }, ['state-conflict'])
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ConnectionPatch,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Connection> {
    const { core } = this.open;
    const stored = await this.#find(caller, id);
    const change = await changeOf(this.open, stored, body);
    const changed = await core.database.transaction(async tx => {
      const fields = Object.keys(body).filter(field => body[field as keyof ConnectionPatch] !== undefined);
      const note = fields.length > 0 ? `changed: ${fields.join(', ')}` : undefined;
      const now = await writePatch(core, tx, stored, change);
      await audit(core, tx, caller, { action: 'connection.changed', id: stored.id, requestId, note });
      return now;
    });
    core.cache.forget(stored.id);
    return connectionView(core, changed);
  }

  @Delete(':id')
  @Scopes('connections:write')
  @Answers('Remove a connection and destroy its credentials', { 204: null }, ['state-conflict'])
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<void> {
    const { core } = this.open;
    const stored = await this.#find(caller, id);
    await core.database.transaction(async tx => {
      await assertNothingInDoubt(core, tx, await holdConnection(core, tx, stored));
      await core.stores.connections.destroy(tx, stored.id);
      await audit(core, tx, caller, { action: 'connection.deleted', id: stored.id, requestId });
    });
    core.cache.forget(stored.id);
  }

  #create({ caller, body, key, requestId }: Asked): Promise<Answer> {
    const { core } = this.open;
    return this.answers.once(
      { caller, key, route: 'POST /v1/connections', body },
      () => judge(this.open, body),
      async (tx, fresh) => {
        const stored = await insertConnection(core, tx, caller.tenantId, fresh);
        await audit(core, tx, caller, { action: 'connection.created', id: stored.id, requestId });
        const view = await connectionView(core, stored, tx);
        return new Answer(201, view, { location: `/v1/connections/${stored.id}` });
      },
    );
  }

  async #find(caller: Caller, id: string): Promise<StoredConnection> {
    const { core } = this.open;
    return found(await core.stores.connections.find(core.database.direct, caller.tenantId, id));
  }
}
