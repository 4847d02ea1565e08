import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Delivery, ListQuery, SubscriptionCreate, listOf } from '#canonical';
import type { List } from '#canonical';
import {
  SubscriptionDetail,
  assertSubscribable,
  createSubscription,
  deleteSubscription,
  findSubscription,
  openEvents,
  rotateSecret,
  subscriptionView,
  testSubscription,
} from '#events';
import type { EventCore } from '#events';
import type { Tx } from '#persistence';
import { audit } from '../audit/audit.js';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { OPEN_CORE } from '../core.js';
import type { OpenCore } from '../core.js';
import { Answer } from '../http/answer.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { NoBody } from '../http/route-options.js';

class SubscriptionList extends listOf(SubscriptionDetail) {}

@ApiTags('Subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsController implements OnModuleDestroy {
  readonly #events: EventCore;

  constructor(
    @Inject(OPEN_CORE) open: OpenCore,
    private readonly cursors: Cursors,
  ) {
    this.#events = openEvents(open);
  }

  @Post()
  @Scopes('subscriptions:write')
  @Answers('Create a subscription; the signing secret is shown only this once', { 201: SubscriptionDetail }, [
    'validation-failed',
    'state-conflict',
  ])
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: SubscriptionCreate,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<Answer> {
    await assertSubscribable(this.#events, body);
    const made = await this.#audited({ caller, requestId, action: 'created' }, tx =>
      createSubscription(this.#events, tx, caller.tenantId, body),
    );
    return new Answer(201, made, { location: `/v1/subscriptions/${made.id}` });
  }

  @Get()
  @Scopes('subscriptions:read')
  @Answers('List subscriptions', { 200: SubscriptionList })
  list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<SubscriptionDetail>> {
    const { core, subscriptions } = this.#events;
    return this.cursors.page(
      { caller, list: 'subscriptions', query },
      start => subscriptions.page(core.database.direct, caller.tenantId, start),
      stored => subscriptionView(this.#events, stored),
    );
  }

  @Get(':id')
  @Scopes('subscriptions:read')
  @Answers('Read a subscription', { 200: SubscriptionDetail })
  async read(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<SubscriptionDetail> {
    const { direct } = this.#events.core.database;
    return subscriptionView(this.#events, await findSubscription(this.#events, direct, caller.tenantId, id));
  }

  @Delete(':id')
  @Scopes('subscriptions:write')
  @Answers('Delete a subscription; its pending deliveries are given up', { 204: null })
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<void> {
    await this.#audited({ caller, requestId, action: 'deleted' }, async tx => {
      await deleteSubscription(this.#events, tx, caller.tenantId, id);
      return { id };
    });
  }

  @Post(':id/rotate-secret')
  @NoBody()
  @Scopes('subscriptions:write')
  @Answers(
    'Rotate the signing secret: the new one is shown only this once, the old one also signs for 24 hours',
    { 200: SubscriptionDetail },
    ['state-conflict'],
  )
  rotate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() { id: requestId }: FastifyRequest,
  ): Promise<SubscriptionDetail> {
    return this.#audited({ caller, requestId, action: 'secret-rotated' }, tx =>
      rotateSecret(this.#events, tx, caller.tenantId, id),
    );
  }

  @Post(':id/test')
  @NoBody()
  @Scopes('subscriptions:write')
  @Answers(
    'Send a `subscription.test` event once and return the result; success reactivates a disabled subscription',
    { 200: Delivery },
    ['state-conflict'],
  )
  test(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<Delivery> {
    return testSubscription(this.#events, caller.tenantId, id);
  }

  onModuleDestroy(): Promise<void> {
    return this.#events.close();
  }

  #audited<T extends { id: string }>(
    { caller, requestId, action }: { caller: Caller; requestId: string; action: string },
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const { core } = this.#events;
    return core.database.transaction(async tx => {
      const done = await work(tx);
      await audit(core, tx, caller, { action: `subscription.${action}`, id: done.id, requestId });
      return done;
    });
  }
}
