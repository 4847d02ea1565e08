import { Controller, Get, Header, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '#canonical';
import { Public } from '../auth/scopes.js';
import { demoKeyFile } from '../demo-key-file.js';
import { PageFiles } from '../http/page-files.js';
import { SETTINGS } from '../settings-token.js';
import type { Settings } from '../settings.js';

/** The operators' page. It gets all data from the API, with the key that a person enters. */
@ApiExcludeController()
@Controller('console')
export class ConsoleController {
  readonly #files = new PageFiles(new URL('files/', import.meta.url));

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  @Get()
  @Public()
  @Header('vary', 'accept-language')
  page(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    const language = languageOf(headers['accept-language']);
    const { sandbox, dataDir } = this.settings;
    return this.#files.send(reply, 'index.html', { language, demoKey: sandbox ? demoKeyFile(dataDir) : '' });
  }

  @Get(':name')
  @Public()
  file(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return this.#files.send(reply, name);
  }
}
