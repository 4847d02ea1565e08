import { errorCodes, errorTable } from './errors.js';
import { IsChoice, IsFlag, IsText, IsWhole } from './fields.js';
import { IsPart, IsParts } from './parts.js';
import { IsPoints, type Points } from './points.js';
import type { ProviderWord, Refusal } from './refusal.js';
import { outcomes, type Outcome } from './states.js';
import { userMessageOf, type Language } from './user-message.js';

/** One invalid field. */
export class ProblemField {
  @IsText({
    min: 0,
    example: '/receipt/total/amount',
    description: 'JSON pointer into the body, or `/query/…`.',
  })
  pointer!: string;

  @IsText({ example: 'money-not-string' })
  code!: string;

  @IsText({ max: 1000, example: 'Money is a decimal string, like "1234.56".' })
  detail!: string;
}

/** What the provider answered, redacted. */
export class ProblemProvider {
  @IsText({ example: 'uds' })
  name!: string;

  @IsWhole({ optional: true, description: 'HTTP status.', example: 400 })
  status?: number;

  @IsText({ optional: true, example: 'insufficientFunds' })
  code?: string;

  @IsText({ optional: true, min: 0, max: 200, example: 'Insufficient funds' })
  message?: string;
}

/** RFC 9457: why a request was refused. */
export class Problem {
  @IsText({ example: '/problems/insufficient-points', description: 'The address of a page about the code.' })
  type!: string;

  @IsText({ example: 'Not enough points' })
  title!: string;

  @IsWhole({ min: 400, max: 599, example: 422 })
  status!: number;

  @IsText({ max: 4000, multiline: true, description: 'For the developer: what is wrong and what to do.' })
  detail!: string;

  @IsChoice(errorCodes, { name: 'ErrorCode', example: 'insufficient-points' })
  code!: string;

  @IsFlag({
    description: 'Whether repeating the same request with the same key may succeed.',
    example: false,
  })
  retryable!: boolean;

  @IsChoice(outcomes, {
    name: 'Outcome',
    description: 'What is known about the effect.',
    example: 'not-executed',
  })
  outcome!: Outcome;

  @IsText({ example: '01h455vb4pex5vsknk084sn02q' })
  requestId!: string;

  @IsText({ optional: true, example: 'opr_01h455vb4pex5vsknk084sn02q' })
  operationId?: string;

  @IsParts(() => ProblemField, { optional: true })
  errors?: ProblemField[];

  @IsPart(() => ProblemProvider, { optional: true })
  provider?: ProblemProvider;

  @IsText({ optional: true, example: 'refund.create', description: 'What the provider cannot do.' })
  capability?: string;

  @IsPoints({
    optional: true,
    description: 'With `redeem-limit-exceeded` or `insufficient-points`, if it is known.',
    example: '439',
  })
  maxRedeemPoints?: Points;

  @IsText({
    max: 1000,
    description: 'Safe for the cashier’s screen; ru or en.',
    example: 'The customer does not have enough points. Redeem fewer.',
  })
  userMessage!: string;
}

/** Facts about the request. */
export type ProblemContext = {
  requestId: string;
  language?: Language;
  operationId?: string;
  /** It asks what became of an earlier write: that the question was not executed says nothing about the write. */
  asksOutcome?: boolean;
};

/** The RFC 9457 document for a refusal; members that do not apply are absent. */
export function toProblem(refusal: Refusal, context: ProblemContext): Problem {
  const row = errorTable[refusal.code];
  const { errors, provider, capability, maxRedeemPoints, outcome, operationId } = refusal.members;
  const operation = operationId ?? context.operationId;
  const { language = 'en' } = context;
  return {
    type: `/problems/${refusal.code}`,
    title: row.title,
    status: row.status,
    detail: within(refusal.detail, 4000),
    code: refusal.code,
    retryable: refusal.members.retryable ?? row.retryable,
    outcome: outcome ?? row.outcome,
    requestId: context.requestId,
    ...(operation !== undefined && { operationId: operation }),
    ...(errors?.length && { errors: errors.map(shortened) }),
    ...(provider && { provider: clipped(provider) }),
    ...(capability !== undefined && { capability }),
    ...(maxRedeemPoints !== undefined && { maxRedeemPoints }),
    userMessage: userMessageOf(refusal, context.asksOutcome)[language],
  };
}

const within = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

// Field names come from the caller and may be of any length.
const shortened = ({ pointer, code, detail }: ProblemField): ProblemField => ({
  pointer: within(pointer, 255),
  code,
  detail: within(detail, 1000),
});

/** A provider's word, fit to be shown: its text is untrusted, so it has no control characters, and is never a page. */
export function clipped(provider: ProviderWord): ProviderWord {
  if (provider.message === undefined) return provider;
  const message = provider.message.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return { ...provider, message: within(message, 200) };
}
