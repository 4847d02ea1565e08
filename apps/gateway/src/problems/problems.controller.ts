import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  IsChoice,
  IsFlag,
  IsText,
  IsWhole,
  Refusal,
  errorTable,
  isErrorCode,
  outcomeField,
  outcomes,
} from '#canonical';
import type { ErrorCode, Outcome } from '#canonical';
import { Public } from '../auth/scopes.js';
import { Answers } from '../http/answers.js';
import { problemPage } from './problem-page.js';

/** Explains a problem code. */
export class ProblemKind {
  @IsText({ example: 'insufficient-points' })
  code!: string;

  @IsWhole({ example: 422 })
  status!: number;

  @IsFlag({ example: false })
  retryable!: boolean;

  @IsChoice(outcomes, { ...outcomeField, example: 'not-executed' })
  outcome!: Outcome;

  @IsText({ example: 'Not enough points' })
  title!: string;

  @IsText({ max: 4000, example: 'The customer has fewer points than the request redeems.' })
  detail!: string;
}

@ApiTags('Health')
@Controller('problems')
export class ProblemsController {
  @Get(':code')
  @Public()
  @Header('vary', 'accept')
  @ApiExtraModels(ProblemKind)
  @ApiOkResponse({
    description: 'A page where `Accept` names `text/html`.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ProblemKind) } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @Answers('Explain a problem’s code, as JSON or as a page', { 200: ProblemKind })
  read(
    @Param('code') code: string,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): ProblemKind | string {
    if (!isErrorCode(code)) throw new Refusal('not-found');
    if (!/\btext\/html\b/.test(headers.accept ?? '')) return kindOf(code);
    void reply.type('text/html; charset=utf-8');
    return problemPage(code);
  }
}

function kindOf(code: ErrorCode): ProblemKind {
  const { status, retryable, outcome, title, detail } = errorTable[code];
  return { code, status, retryable, outcome, title, detail };
}
