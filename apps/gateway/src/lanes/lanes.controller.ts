import { Readable } from 'node:stream';
import { Controller, Get, Header, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LaneView, ListQuery, listOf } from '#canonical';
import type { List } from '#canonical';
import { CurrentCaller } from '../auth/caller.js';
import type { Caller } from '../auth/caller.js';
import { Scopes } from '../auth/scopes.js';
import { Answers } from '../http/answers.js';
import { Cursors } from '../http/cursors.js';
import { Stopping } from '../stopping.js';
import { laneStream } from './lane-stream.js';
import { TenantLanes } from './tenant-lanes.js';
import { Watchers } from './watchers.js';

class LaneViewList extends listOf(LaneView, 'By id.') {}

@ApiTags('Lanes')
@Controller('v1/lanes')
export class LanesController {
  readonly #watchers = new Watchers();

  constructor(
    private readonly lanes: TenantLanes,
    private readonly cursors: Cursors,
    private readonly stopping: Stopping,
  ) {}

  @Get()
  @Scopes('lanes:read')
  @Answers('List lanes: slots in use, waiting calls and expected waits', { 200: LaneViewList })
  async list(@CurrentCaller() caller: Caller, @Query() query: ListQuery): Promise<List<LaneView>> {
    return this.cursors.page(
      { caller, list: 'lanes', query },
      async ({ before, limit }) => {
        const all = await this.lanes.now(caller.tenantId);
        return all.filter(({ id }) => before === undefined || id > before).slice(0, limit);
      },
      lane => lane,
    );
  }

  @Get('stream')
  @Scopes('lanes:read')
  @Answers('Watch lanes: server-sent events `lanes` (all) and `changed` (only those that changed)', {
    200: null,
  })
  @ApiOkResponse({
    description:
      'Each event’s data is `{"data": [LaneView, …]}`; comments in between keep the connection open.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @Header('x-accel-buffering', 'no')
  watch(
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) { raw, request }: Pick<FastifyReply, 'raw' | 'request'>,
  ): StreamableFile {
    // Not told by the stream itself: it closes when the events have ended, which may be as long as the next one is away.
    const signal = this.stopping.endOf(raw);
    this.#watchers.admit(caller.keyId, signal);
    const events = laneStream({
      lanes: async () => {
        await request.identify!();
        return this.lanes.lately(caller.tenantId);
      },
      signal,
    });
    return new StreamableFile(Readable.from(events, { objectMode: false }), { type: 'text/event-stream' });
  }
}
