import { IsFlag, IsIdOf, IsMoment, IsText, IsWhole } from './fields.js';

/** One request to a provider as it was logged; no secret and no personal data in it. */
export class ProviderCall {
  @IsIdOf('pcl')
  id!: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;

  @IsIdOf('con', { optional: true })
  connectionId?: string;

  @IsMoment()
  at!: string;

  @IsText({
    example: 'create-operation',
    description: 'Which of the provider’s calls it was, by the name that the adapter gives it.',
  })
  exchange!: string;

  @IsText({ example: 'POST', max: 16 })
  method!: string;

  @IsText({ example: 'https://api.uds.app/partner/v2/operations', max: 2048, description: 'Redacted.' })
  url!: string;

  @IsWhole({ optional: true, description: 'HTTP status; absent when no answer came.', example: 200 })
  status?: number;

  @IsWhole({ min: 0, example: 84 })
  durationMs!: number;

  @IsText({
    example: 'done',
    description:
      'How the gateway understood the answer: `done`, `refused`, `throttled`, `unanswered` (including unreadable answers) or `not-sent`.',
  })
  verdict!: string;

  @IsWhole({ optional: true, min: 1, example: 1 })
  attempt?: number;

  @IsText({ optional: true, min: 0, max: 65536, multiline: true, description: 'Redacted.' })
  requestBody?: string;

  @IsText({ optional: true, min: 0, max: 65536, multiline: true, description: 'Redacted.' })
  responseBody?: string;

  @IsFlag({ optional: true, description: 'Whether the bodies were truncated.', example: false })
  truncated?: boolean;
}
