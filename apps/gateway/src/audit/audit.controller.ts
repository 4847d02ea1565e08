import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditEntry, ListQuery, isId, listOf } from '#canonical';
import type { List } from '#canonical';
import type { StoredAudit } from '#persistence';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';

class AuditEntryList extends listOf(AuditEntry) {}

@ApiTags('Audit')
@Controller('v1/audit-log')
export class AuditController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    private readonly cursors: Cursors,
  ) {}

  @Get()
  @Scopes('audit:read')
  @Answers('List audited changes', { 200: AuditEntryList })
  list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<AuditEntry>> {
    const { database, stores } = this.core;
    return this.cursors.page(
      { caller, list: 'audit-log', query },
      start => stores.journal.audits(database.direct, caller.tenantId, start),
      view,
    );
  }
}

function view({ id, at, actor, action, subject, detail }: StoredAudit): AuditEntry {
  const { actorName, resource, note, requestId } = detail as {
    actorName?: string;
    resource?: { type: string; id: string };
    note?: string;
    requestId?: string;
  };
  const isKey = isId('key', actor);
  return {
    id,
    at: at.toISOString(),
    actor: isKey ? { type: 'key', id: actor, ...(actorName && { name: actorName }) } : { type: 'system' },
    action,
    resource: resource ?? { type: action.split('.')[0]!, id: subject },
    ...(note !== undefined && { note }),
    ...(requestId !== undefined && { requestId }),
  };
}
