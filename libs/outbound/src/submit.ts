import { Refusal, errorTable } from '#canonical';
import type { ErrorCode, Operation, Problem } from '#canonical';
import type { StoredOperation, Tx } from '#persistence';
import { accept } from './accept.js';
import type { Core } from './core.js';
import { execute } from './execute.js';
import type { Timing } from './exchange.js';
import { kindOf } from './kinds/kinds.js';
import { operationView } from './operation-view.js';
import type { Accepted, Submission } from './submission.js';
import { onceTakenIn } from './taken-in.js';
import { viewAtHand } from './view-at-hand.js';
import { waitForEnd } from './wait.js';

/** An answer to a write, ready for HTTP: 200/201 with the resource, 202 with the operation, or a 4xx problem. */
export interface WriteAnswer {
  status: number;
  body: object | undefined;
  /** `/v1/operations/{id}` while it runs, the resource once it stands. */
  location?: string;
  /** The answer stood already, under this key. */
  replayed: boolean;
  operationId: string | null;
}

/** Takes a write in, starts it, waits as long as the caller does, and says what is true by then. */
export async function submit(core: Core, submission: Submission, timing?: Timing): Promise<WriteAnswer> {
  const endsAt = performance.now() + submission.waitMs;
  const accepted = await accept(core, submission);
  if (accepted.outcome === 'replayed') {
    const { status, location, body, operationId } = accepted;
    return { status, body: body as object, location: location ?? undefined, replayed: true, operationId };
  }
  const { operation } = accepted;
  if (accepted.outcome === 'new') start(core, submission, operation, timing);
  return onceTakenIn(operation.id, () => reached(core, submission, accepted, endsAt));
}

/** The answer to what stands: it is waited for, told and kept. */
async function reached(
  core: Core,
  submission: Submission,
  accepted: Exclude<Accepted, { outcome: 'replayed' }>,
  endsAt: number,
): Promise<WriteAnswer> {
  // What acceptance itself asked of the provider was part of the wait.
  const left = Math.max(0, endsAt - performance.now());
  const now = await waitForEnd(core, accepted.operation, left, accepted.outcome === 'new');
  const answer = await answerOf(core, now, {
    matched: accepted.outcome === 'matched',
    told: submission.told,
  });
  if (answer.status !== 202) await keep(core, submission, answer);
  return { ...answer, replayed: accepted.outcome === 'joined' };
}

/** The process that took the call runs it at once; without a wait a worker does. */
function start(core: Core, submission: Submission, operation: StoredOperation, timing?: Timing): void {
  const failed = (error: unknown) =>
    core.log('error', 'an operation could not be run and will be swept up', {
      operationId: operation.id,
      error: String(error),
    });
  const work =
    submission.waitMs > 0
      ? execute(core, operation.id, {
          laneBudgetMs: submission.waitMs,
          timing,
          known: { operation, connection: submission.connection },
        })
      : core.jobs.ensurePump(operation.lane);
  core.background.run(work, failed);
}

/** Who is answered, and whether the resource stood already under its merchant's reference. */
export interface Asker {
  matched?: boolean;
  told?: Submission['told'];
}

/** What an operation's state says over HTTP. */
export async function answerOf(
  core: Core,
  operation: StoredOperation,
  { matched = false, told }: Asker = {},
): Promise<Omit<WriteAnswer, 'replayed'>> {
  const operationId = operation.id;
  if (operation.state === 'succeeded') {
    const kind = kindOf(operation.kind);
    const body = viewAtHand(operation) ?? (await kind.view(core, core.database.direct, operation));
    return {
      status: matched ? 200 : (kind.status ?? 201),
      body,
      location: locationOf(operation),
      operationId,
    };
  }
  if (operation.problem && ['rejected', 'cancelled', 'expired'].includes(operation.state)) {
    const problem = retell(operation.problem as unknown as Problem, told);
    return { status: problem.status, body: problem, operationId };
  }
  if (operation.state === 'cancelled' || operation.state === 'expired') {
    throw new Refusal('state-conflict', {
      operationId,
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

// The row keeps one language and its own id; each caller is told in theirs, and a replay gives that again.
const retell = (problem: Problem, told: Submission['told']): Problem => ({
  ...problem,
  ...(told && { requestId: told.requestId }),
  userMessage: errorTable[problem.code as ErrorCode].userMessage[told?.language ?? 'en'],
});

const paths: Record<string, string> = {
  purchase: 'purchases',
  refund: 'refunds',
  hold: 'holds',
  customer: 'customers',
  'consent-session': 'consent-sessions',
};

const locationOf = ({ resourceType, resourceId, id }: StoredOperation): string =>
  paths[resourceType] ? `/v1/${paths[resourceType]}/${resourceId}` : `/v1/operations/${id}`;

/** A refusal names the request that it answered, so the next one must find it; what was made is told from its row just as well. */
async function keep(
  core: Core,
  submission: Submission,
  answer: Omit<WriteAnswer, 'replayed'>,
): Promise<void> {
  const kept = remember(core, submission, answer);
  if (answer.status >= 400) return kept;
  core.background.run(kept, error =>
    core.log('warn', 'an answer was not kept for its key and will be told from its row', {
      operationId: answer.operationId,
      error: String(error),
    }),
  );
}

async function remember(
  core: Core,
  { connection, idempotencyKey }: Submission,
  answer: Omit<WriteAnswer, 'replayed'>,
): Promise<void> {
  const key = { tenantId: connection.tenantId, key: idempotencyKey };
  const body = core.vault.seal('idempotency', `${key.tenantId}/${key.key}`, answer.body ?? null);
  await core.stores.idempotency.answer(core.database.direct, key, {
    status: answer.status,
    location: answer.location,
    body,
  });
}

/** An operation of a tenant, as the API shows it; `not-found` also for another tenant's. */
export async function operationOf(core: Core, tx: Tx, tenantId: string, id: string): Promise<Operation> {
  const operation = await core.stores.operations.find(tx, tenantId, id);
  if (!operation) throw new Refusal('not-found', { detail: `There is no operation ${id}.` });
  return operationView(core, tx, operation);
}
