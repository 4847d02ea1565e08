import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConsentComplete, IsText, languageOf } from '#canonical';
import { completeOnPage, consentOffer } from '#outbound';
import type { ConsentOffer } from '#outbound';
import { KeyRate } from '../auth/key-rate.js';
import { Public } from '../auth/scopes.js';
import { CORE } from '../core.js';
import type { Core } from '../core.js';
import { PageFiles } from '../http/page-files.js';
import { assertSameOrigin } from '../http/same-origin.js';

/** What the page knows of its link, from behind the `#`. */
class ConsentLink {
  @IsText({ max: 64 })
  state!: string;
}

/** A second and address; a person needs two in all, and an office may stand behind one address. */
const MOST_REQUESTS = 20;

/**
 * The page on which an end user consents. It has no API key: the state in its link, which is good once and for ten minutes,
 * lets it see and answer this one session. The routes below are the page's own, and no part of the API.
 */
@ApiExcludeController()
@Controller('consent')
export class ConsentPageController {
  readonly #files = new PageFiles(new URL('files/', import.meta.url));
  readonly #rate = new KeyRate(MOST_REQUESTS);

  constructor(@Inject(CORE) private readonly core: Core) {}

  @Get('files/:name')
  @Public()
  file(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return this.#files.send(reply, name);
  }

  @Get(':id')
  @Public()
  @Header('vary', 'accept-language')
  page(@Req() { headers }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    return this.#files.send(reply, 'page.html', { language: languageOf(headers['accept-language']) });
  }

  @Post(':id/offer')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  offer(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() { state }: ConsentLink,
  ): Promise<ConsentOffer> {
    this.#admit(request);
    return consentOffer(this.core, id, state);
  }

  @Post(':id')
  @Public()
  @HttpCode(204)
  complete(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() answer: ConsentComplete,
  ): Promise<void> {
    this.#admit(request);
    return completeOnPage(this.core, id, answer);
  }

  #admit(request: FastifyRequest): void {
    assertSameOrigin(request);
    this.#rate.take(request.ip);
  }
}
