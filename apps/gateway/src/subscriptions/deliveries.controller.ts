import { Controller, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DeliveriesQuery, Delivery, EventsQuery, GatewayEvent, listOf } from '#canonical';
import type { List } from '#canonical';
import { assertEventFilter, deliveryOf, messageOf, openEvents, replayDelivery } from '#events';
import type { EventCore } from '#events';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { OPEN_CORE } from '../core.js';
import type { OpenCore } from '../core.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { NoBody } from '../http/route-options.js';

class GatewayEventList extends listOf(GatewayEvent) {}
class DeliveryList extends listOf(Delivery) {}

@ApiTags('Events')
@Controller('v1')
export class DeliveriesController {
  readonly #events: EventCore;

  constructor(
    @Inject(OPEN_CORE) open: OpenCore,
    private readonly cursors: Cursors,
  ) {
    this.#events = openEvents(open);
  }

  @Get('events')
  @Scopes('subscriptions:read')
  @Answers(
    'List the events of the last 30 days; to catch up, read back to a minute before the newest one you know',
    { 200: GatewayEventList },
  )
  events(@CurrentCaller() caller: Caller, @Query() query: EventsQuery): Promise<List<GatewayEvent>> {
    assertEventFilter(query.type);
    const { core, outbox } = this.#events;
    return this.cursors.page(
      { caller, list: 'events', query },
      start => outbox.page(core.database.direct, caller.tenantId, { type: query.type, ...start }),
      messageOf,
    );
  }

  @Get('deliveries')
  @Scopes('subscriptions:read')
  @Answers('List deliveries', { 200: DeliveryList })
  deliveries(@CurrentCaller() caller: Caller, @Query() query: DeliveriesQuery): Promise<List<Delivery>> {
    const { core, deliveries } = this.#events;
    const { subscriptionId, status } = query;
    return this.cursors.page(
      { caller, list: 'deliveries', query },
      start => deliveries.page(core.database.direct, caller.tenantId, { subscriptionId, status, ...start }),
      deliveryOf,
    );
  }

  @Post('deliveries/:id/replay')
  @NoBody()
  @Scopes('subscriptions:write')
  @Answers('Send an event again, under the same `webhook-id`', { 200: Delivery }, ['state-conflict'])
  async replay(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Delivery> {
    const { core } = this.#events;
    return core.database.transaction(async tx => {
      const replayed = await replayDelivery(this.#events, tx, caller.tenantId, id);
      await audit(core, tx, caller, { action: 'delivery.replayed', id, requestId });
      return replayed;
    });
  }
}
