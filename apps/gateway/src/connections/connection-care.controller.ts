import { Body, Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Connection, ConnectionCredentials } from '#canonical';
import { checkConnection, connectionWith, laneOf, moveConnection, openConnection } from '#outbound';
import type { StoredConnection } from '#persistence';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { found } from '../http/found.js';
import { SentWaitMs } from '../http/prefer.js';
import { NoBody } from '../http/route-options.js';
import { adapterOf, isOtherAccount, laneFingerprint, readCredentials, sealCredentials } from './account.js';
import type { Credentials } from './account.js';
import { assertNothingInDoubt, holdConnection, writeChange } from './change-connection.js';
import { connectionView } from './connection-view.js';

@ApiTags('Connections')
@Controller('v1/connections/:id')
export class ConnectionCareController {
  constructor(@Inject(CORE) private readonly core: Core) {}

  @Post('check')
  @NoBody()
  @Scopes('connections:write')
  @Answers('Check a connection with a harmless call', { 200: Connection })
  async check(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @SentWaitMs() waitMs: number | undefined,
  ): Promise<Connection> {
    const stored = await this.#find(caller, id);
    const connection = openConnection(this.core, stored);
    const { check } = await checkConnection(this.core, connection, waitMs);
    // What the call taught about the credentials is kept behind the answer; the answer says it already.
    await this.core.stores.connections.keepCheck(this.core.database.direct, stored, check);
    const changed = await this.#find(caller, stored.id);
    return connectionView(this.core, { ...changed, state: connection.state });
  }

  @Post('credentials')
  @Scopes('connections:write')
  @Answers(
    'Rotate credentials: the new ones are checked, then the old ones are destroyed',
    { 200: Connection },
    [
      'connection-credentials-invalid',
      'provider-unavailable',
      'provider-error',
      'lane-saturated',
      'state-conflict',
    ],
  )
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: ConnectionCredentials,
    @SentWaitMs() waitMs: number | undefined,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Connection> {
    const stored = await this.#find(caller, id);
    const credentials = readCredentials(adapterOf(stored.provider), body.credentials);
    const { check, refusal } = await this.#try(stored, credentials, waitMs);
    if (refusal) throw refusal;
    const change = {
      ...sealCredentials(this.core.vault, stored, credentials),
      lane: this.#lane(stored, credentials),
      lastCheck: { ...check },
    };
    const changed = await this.core.database.transaction(async tx => {
      const held = await holdConnection(this.core, tx, stored, change);
      if (isOtherAccount(this.core, held, { credentials })) await assertNothingInDoubt(this.core, tx, held);
      if (held.state !== 'paused') await moveConnection(this.core, tx, held, { state: 'callable' });
      await audit(this.core, tx, caller, {
        action: 'connection.credentials-rotated',
        id: held.id,
        requestId,
      });
      return writeChange(this.core, tx, held, change);
    });
    this.core.cache.forget(stored.id);
    return connectionView(this.core, changed);
  }

  @Post('pause')
  @NoBody()
  @Scopes('connections:write')
  @Answers(
    'Pause a connection: nothing new is written, also by what waits in its lane; lost answers are still looked up, and nothing is sent again',
    { 200: Connection },
  )
  pause(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Connection> {
    return this.#move(caller, { id, requestId }, 'paused');
  }

  @Post('resume')
  @NoBody()
  @Scopes('connections:write')
  @Answers('Resume a connection', { 200: Connection })
  resume(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Connection> {
    return this.#move(caller, { id, requestId }, 'callable');
  }

  async #move(
    caller: Caller,
    asked: { id: string; requestId: string },
    state: 'paused' | 'callable',
  ): Promise<Connection> {
    const stored = await this.#find(caller, asked.id);
    const changed = await this.core.database.transaction(async tx => {
      const now = await holdConnection(this.core, tx, stored);
      // Only a pause is resumed: whether credentials are good again is for a call to show.
      if ((now.state === 'paused') === (state === 'paused')) return now;
      await moveConnection(this.core, tx, stored, { state });
      if (state === 'callable') await this.core.stores.wakes.resumed(tx, now);
      const action = state === 'paused' ? 'connection.paused' : 'connection.resumed';
      await audit(this.core, tx, caller, { action, id: stored.id, requestId: asked.requestId });
      return writeChange(this.core, tx, stored, { pausedBy: state === 'paused' ? caller.keyId : null });
    });
    // Should this fail, the sweep finds what waits there.
    if (state === 'callable') await this.core.jobs.ensurePump(changed.lane).catch(() => undefined);
    return connectionView(this.core, changed);
  }

  async #try(stored: StoredConnection, credentials: Credentials, waitMs: number | undefined) {
    // The old credentials are not decrypted: they may be lost.
    const open = connectionWith(stored, credentials);
    const lane = laneOf(open.adapter, { ...stored, lane: this.#lane(stored, credentials) });
    // `paused`: what this call teaches must not be written down for the credentials that are still in use.
    return checkConnection(this.core, { ...open, lane, state: 'paused' }, waitMs);
  }

  #lane({ provider, baseUrl }: StoredConnection, credentials: Credentials): string {
    return laneFingerprint(this.core.vault, { provider, baseUrl, credentials });
  }

  async #find(caller: Caller, id: string): Promise<StoredConnection> {
    const { connections } = this.core.stores;
    return found(await connections.find(this.core.database.direct, caller.tenantId, id));
  }
}
