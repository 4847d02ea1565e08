import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Program, ReadQuery } from '#canonical';
import { read } from '#outbound';
import type { OpenConnection } from '#outbound';
import { CurrentConnection } from '../auth/current-connection.js';
import { Scopes } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { Answers } from '../http/answers.js';
import { WaitMs } from '../http/prefer.js';
import { withRaw } from '../http/raw.js';
import { CurrentTiming } from '../http/timing.js';
import type { RequestTiming } from '../http/timing.js';

@ApiTags('Program')
@Controller('v1/program')
export class ProgramController {
  constructor(@Inject(CORE) private readonly core: Core) {}

  @Get()
  @Scopes('loyalty:read')
  @Answers('Read the programme’s rules', { 200: Program }, ['capability-not-supported'])
  program(
    @CurrentConnection() connection: OpenConnection,
    @Query() query: ReadQuery,
    @WaitMs() waitMs: number,
    @CurrentTiming() timing: RequestTiming,
  ): Promise<Program> {
    return withRaw(connection, query.include, seen =>
      read(this.core, connection, 'getProgram', {}, { waitMs, timing, seen }),
    );
  }
}
