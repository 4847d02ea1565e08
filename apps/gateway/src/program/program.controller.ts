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
import { CurrentAsk } from '../http/provider-read.js';
import type { Asked } from '../http/provider-read.js';
import { withRaw } from '../http/raw.js';

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
    @CurrentAsk() asked: Asked,
  ): Promise<Program> {
    return withRaw(connection, query.include, seen =>
      read(this.core, connection, 'getProgram', {}, { ...asked, seen }),
    );
  }
}
