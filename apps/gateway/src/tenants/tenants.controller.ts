import { Body, Controller, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ListQuery, Tenant, TenantCreate, listOf, newId } from '#canonical';
import type { List } from '#canonical';
import type { StoredTenant } from '#persistence';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { OPEN_CORE } from '../core.js';
import type { OpenCore } from '../core.js';
import { Answer } from '../http/answer.js';
import { Answers } from '../http/answers.js';
import { unlessTaken } from '../http/conflict.js';
import { Cursors } from '../http/cursors.js';
import { found } from '../http/found.js';

class TenantList extends listOf(Tenant) {}

@ApiTags('Tenants')
@Controller('v1/tenants')
export class TenantsController {
  constructor(
    @Inject(OPEN_CORE) private readonly open: OpenCore,
    private readonly cursors: Cursors,
  ) {}

  @Post()
  @Scopes('platform')
  @Answers('Create a tenant for a merchant', { 201: Tenant }, ['state-conflict'])
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { name, slug }: TenantCreate,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Answer> {
    const { core, tenants } = this.open;
    const id = newId('ten');
    const row = { id, name, slug: slug ?? `tenant-${id.slice(4)}`, createdAt: core.now() };
    await core.database.transaction(async tx => {
      await unlessTaken(tenants.insert(tx, row), `Another tenant already has the slug ${row.slug}.`);
      await audit(core, tx, caller, { action: 'tenant.created', id, requestId });
    });
    return new Answer(201, view(row), { location: `/v1/tenants/${id}` });
  }

  @Get(':id')
  @Scopes('platform')
  @Answers('Read a tenant', { 200: Tenant })
  async read(@Param('id') id: string): Promise<Tenant> {
    const { core, tenants } = this.open;
    return view(found(await tenants.find(core.database.direct, id)));
  }

  @Get()
  @Scopes('platform')
  @Answers('List tenants', { 200: TenantList })
  list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<Tenant>> {
    const { core, tenants } = this.open;
    return this.cursors.page(
      { caller, list: 'tenants', query },
      start => tenants.list(core.database.direct, start),
      view,
    );
  }
}

const view = ({ id, name, slug, createdAt }: StoredTenant): Tenant => ({
  id,
  name,
  slug,
  createdAt: createdAt.toISOString(),
});
