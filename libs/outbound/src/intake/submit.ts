import { Refusal, outcomeOf, storedMessageOf } from '#canonical';
import type { ErrorCode, OperationState, Problem } from '#canonical';
import type { StoredOperation } from '#persistence';
import { accept } from './accept.js';
import type { Core } from '../core/core.js';
import { execute } from '../run/execute.js';
import type { ExecuteOptions } from '../run/execute.js';
import { freshView } from '../run/fresh-view.js';
import type { Timing } from '../calls/exchange.js';
import { kindOf } from '../kinds/kinds.js';
import { operationView } from './operation-view.js';
import { keepAnswer } from './stored-answer.js';
import type { Accepted, Submission } from './submission.js';
import { afterAcceptance } from './after-acceptance.js';
import { waitForEnd } from './wait-for-end.js';

/** An answer to a write, ready for HTTP: 200/201 with the resource, 202 with the operation, or a 4xx problem. */
export interface WriteAnswer {
  status: number;
  body: object | undefined;
  /** `/v1/operations/{id}` while it runs, then the resource. */
  location?: string;
  /** The key was known. */
  replayed: boolean;
  operationId: string | null;
}

/** Accepts a write, starts it, waits as long as the caller does, and answers with its state by then. */
export async function submit(core: Core, submission: Submission, timing?: Timing): Promise<WriteAnswer> {
  const endsAt = performance.now() + submission.waitMs;
  const accepted = await accept(core, submission);
  if (accepted.outcome === 'replayed') {
    const { status, location, body, operationId } = accepted;
    return { status, body: body as object, location, replayed: true, operationId };
  }
  // Acceptance may have asked the provider, which used up some of the wait.
  const waitMs = Math.max(0, endsAt - performance.now());
  if (accepted.outcome === 'new') start(core, submission, accepted, { laneBudgetMs: waitMs, timing });
  return afterAcceptance(accepted.operation.id, () => answerAccepted(core, submission, accepted, waitMs));
}

/** Waits for the accepted operation, answers with its state by then, and stores that answer under its key. */
async function answerAccepted(
  core: Core,
  submission: Submission,
  accepted: Exclude<Accepted, { outcome: 'replayed' }>,
  waitMs: number,
): Promise<WriteAnswer> {
  const now = await waitForEnd(core, accepted.operation, waitMs, accepted.outcome === 'new');
  const answer = await answerOf(core, now, {
    matched: accepted.outcome === 'matched',
    audience: submission.audience,
  });
  if (answer.status !== 202) await storeAnswer(core, submission, answer);
  return { ...answer, replayed: accepted.outcome === 'joined' };
}

/** The process that took the call runs it at once; if nobody waits, a worker does. */
function start(
  core: Core,
  submission: Submission,
  { operation, head }: Extract<Accepted, { outcome: 'new' }>,
  how: Pick<ExecuteOptions, 'laneBudgetMs' | 'timing'>,
): void {
  const failed = (error: unknown) =>
    core.log('error', 'an operation could not be run and will be swept up', {
      operationId: operation.id,
      error: String(error),
    });
  const work =
    submission.waitMs > 0
      ? execute(core, operation.id, {
          ...how,
          known: { operation, connection: submission.connection, head },
        })
      : core.jobs.ensurePump(operation.lane);
  core.background.run(work, failed);
}

/** Who is answered, and whether the resource was found by its merchant reference. */
export interface AnswerOptions {
  matched?: boolean;
  audience?: Submission['audience'];
}

/** An operation's state as an HTTP answer. */
export async function answerOf(
  core: Core,
  operation: StoredOperation,
  { matched = false, audience }: AnswerOptions = {},
): Promise<Omit<WriteAnswer, 'replayed'>> {
  const operationId = operation.id;
  if (operation.state === 'succeeded') {
    const kind = kindOf(operation.kind);
    const body = freshView(operation) ?? (await kind.view(core, core.database.direct, operation));
    return {
      status: matched ? 200 : (kind.status ?? 201),
      body,
      location: locationOf(operation, body),
      operationId,
    };
  }
  if (operation.problem && outcomeOf(operation.state) === 'not-executed') {
    const problem = localise(operation.problem, operation.state, audience);
    return { status: problem.status, body: problem, operationId };
  }
  if (operation.state === 'cancelled' || operation.state === 'expired') {
    throw new Refusal('state-conflict', {
      operationId,
      withdrawn: true,
      detail: `The operation was ${operation.state} before it was sent; nothing was executed. Send it again with a new Idempotency-Key.`,
    });
  }
  return {
    status: 202,
    body: await operationView(core, core.database.direct, operation),
    location: `/v1/operations/${operationId}`,
    operationId,
  };
}

// The row keeps one language and its own id; each caller is answered in theirs, and a replay repeats that.
const localise = (problem: Problem, state: OperationState, audience: Submission['audience']): Problem => ({
  ...problem,
  ...(audience && { requestId: audience.requestId }),
  userMessage: storedMessageOf(problem.code as ErrorCode, state)[audience?.language ?? 'en'],
});

const paths: Record<string, string> = {
  purchase: 'purchases',
  refund: 'refunds',
  hold: 'holds',
  customer: 'customers',
  'consent-session': 'consent-sessions',
};

// What cannot be shown cannot be read either.
function locationOf({ kind, resourceType, resourceId, id }: StoredOperation, shown?: object): string {
  const own = paths[resourceType] ? `/v1/${paths[resourceType]}/${resourceId}` : undefined;
  const path = shown && (own ?? kindOf(kind).pathOf?.(shown));
  return path ?? `/v1/operations/${id}`;
}

/** A refusal names the request that it answered, so the next one must find it; a success can be read from its row just as well. */
async function storeAnswer(
  core: Core,
  { connection, idempotencyKey }: Submission,
  answer: Omit<WriteAnswer, 'replayed'>,
): Promise<void> {
  const key = { tenantId: connection.tenantId, key: idempotencyKey };
  const kept = keepAnswer(core, core.database.direct, key, answer);
  if (answer.status >= 400) return kept;
  core.background.run(kept, error =>
    core.log('warn', 'an answer was not kept for its key and will be told from its row', {
      operationId: answer.operationId,
      error: String(error),
    }),
  );
}
