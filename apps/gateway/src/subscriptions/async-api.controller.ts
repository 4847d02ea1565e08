import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { describeEvents } from '#events';
import { Public } from '../auth/scopes.js';

const document = describeEvents();

@ApiExcludeController()
@Controller('asyncapi.json')
export class AsyncApiController {
  @Get()
  @Public()
  read(): object {
    return document;
  }
}
