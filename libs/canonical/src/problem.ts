import { errorCodes, errorTable, type ErrorCode } from './errors.js';
import { IsChoice, IsFlag, IsText, IsWhole } from './fields.js';
import { IsPart, IsParts } from './parts.js';
import { IsPoints, type Points } from './points.js';
import type { ProviderWord, Refusal } from './refusal.js';
import { outcomes, type Outcome } from './states.js';

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

/** Languages of `userMessage`. */
export type Language = 'ru' | 'en';

/** The message for the cashier if a code normally says "nothing was done" but in this case cannot. */
export const unsure: Record<Language, string> = {
  ru: 'Сервис временно недоступен, и пока неизвестно, прошла ли операция. Повторите её через минуту, ничего не меняя.',
  en: 'The service is temporarily down, and it is not known yet whether the operation went through. Try again in a minute without changing anything.',
};

/** The same if the till may not learn the outcome, because its key has expired or may not make the call. */
export const notTold: Record<Language, string> = {
  ru: 'У кассы нет нужного доступа, и она не может узнать, прошла ли операция. Сообщите администратору, прежде чем повторять её.',
  en: 'This till does not have the access it needs and cannot find out whether the operation went through. Please tell the administrator before you repeat it.',
};

/** The same if the first request went to a connection that the till no longer names. */
export const elsewhere: Record<Language, string> = {
  ru: 'Эта операция уже отправлялась при прежних настройках и могла пройти. Не проводите её заново: сообщите администратору.',
  en: 'This operation was sent before, under earlier settings, and may have gone through. Do not enter it again; please tell the administrator.',
};

/** The same if the request could not be read. */
export const misread: Record<Language, string> = {
  ru: 'Касса отправила запрос с ошибкой и не может узнать, прошла ли операция. Сообщите в поддержку кассы, прежде чем повторять её.',
  en: 'The till sent a faulty request and cannot find out whether the operation went through. Please tell the till’s support before you repeat it.',
};

/** The message where a code is usually final, but a repeat may succeed. */
export const passing: Record<Language, string> = {
  ru: 'Операция как раз проверяется. Повторите через несколько секунд.',
  en: 'The operation is being checked at this moment. Try again in a few seconds.',
};

const inDoubt: Partial<Record<ErrorCode, Record<Language, string>>> = {
  // The table's message for too many requests does not claim that nothing was done.
  'too-many-requests': errorTable['too-many-requests'].userMessage,
  unauthenticated: notTold,
  'scope-missing': notTold,
  'unsupported-media-type': misread,
  'not-found': elsewhere,
  'idempotency-key-reused': elsewhere,
};

// Refusals of any request, whose message would otherwise deny the write that was asked about.
const ofAnyRequest: readonly ErrorCode[] = ['unauthenticated', 'scope-missing', 'dependency-unavailable'];

/** The message for the cashier, which claims no more than is known about the outcome. */
function sentenceOf({ code, members }: Refusal, asksOutcome = false): Record<Language, string> {
  const { outcome, userMessage, retryable } = errorTable[code];
  if (members.retryable && !retryable) return passing;
  const doubted = members.outcome === 'unknown' && outcome !== 'unknown';
  return doubted || (asksOutcome && ofAnyRequest.includes(code)) ? (inDoubt[code] ?? unsure) : userMessage;
}

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
    userMessage: sentenceOf(refusal, context.asksOutcome)[language],
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

/** The language of `userMessage` according to `Accept-Language`: ru or en, whichever has the higher weight; English by default. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const weighted = (acceptLanguage ?? '').split(',').map(part => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const quality = parameters.map(text => text.trim()).find(text => text.startsWith('q='));
    return { language: tag.split('-')[0], weight: quality ? Number(quality.slice(2)) : 1 };
  });
  const weightOf = (language: Language) =>
    Math.max(0, ...weighted.filter(item => item.language === language).map(item => item.weight || 0));
  return weightOf('ru') > weightOf('en') ? 'ru' : 'en';
}
