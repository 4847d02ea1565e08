import { Refusal, clipped } from '#canonical';
import type { ConnectionCheck } from '#canonical';
import { makeExchange } from '../calls/exchange.js';
import type { ExchangeOutcome } from '../calls/exchange.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { deadlineOf, laneBudgetUntil } from './read.js';

/** What a harmless call has shown, and the refusal that it ended with, if it did. */
export interface ConnectionProbe {
  check: ConnectionCheck;
  refusal?: Refusal;
}

const LANE_BUDGET_MS = 5_000;
const TIMEOUT_MS = 5_000;

/** Makes the adapter's harmless call, if it has one, and says what it proves and what it does not. `waitMs` = the caller waits no longer. */
export async function checkConnection(
  core: Core,
  connection: OpenConnection,
  waitMs?: number,
): Promise<ConnectionProbe> {
  const { check } = connection.adapter;
  const at = core.now().toISOString();
  if ('cannot' in check) {
    return { check: { at, result: 'inconclusive', proved: [], notProved: sentences(check.cannot) } };
  }
  const context = { settings: connection.settings, now: core.now() };
  const made = await makeExchange(
    core,
    connection,
    { exchange: check.exchange, ask: {}, context },
    { laneClass: 'interactive', timeoutMs: TIMEOUT_MS, ...limitsOf(waitMs) },
  );
  const refusal = refusalOf(connection, made);
  const told = sentences(check.proves);
  if (refusal) {
    const result = wasAsked(made) && !isCutShort(made, waitMs) ? 'failed' : 'inconclusive';
    const detail = detailOf(connection, made, refusal);
    return { check: { at, result, proved: [], notProved: told, detail }, refusal };
  }
  const proved = told.filter(sentence => !isDoubt(sentence));
  return { check: { at, result: 'passed', proved, notProved: told.filter(isDoubt) } };
}

function limitsOf(waitMs: number | undefined): { laneBudgetMs: number; deadlineAt?: number } {
  if (waitMs === undefined) return { laneBudgetMs: LANE_BUDGET_MS };
  const deadlineAt = deadlineOf(waitMs);
  return { laneBudgetMs: Math.min(LANE_BUDGET_MS, laneBudgetUntil(deadlineAt)), deadlineAt };
}

// A provider that takes longer than this caller waits may answer others.
const isCutShort = (made: ExchangeOutcome, waitMs = Infinity): boolean =>
  'overdue' in made && made.overdue === true && waitMs < LANE_BUDGET_MS + TIMEOUT_MS;

// An adapter tells in one text what its call proves and what it leaves open.
const sentences = (text: string): string[] => text.split(/(?<=[.;])\s+/).map(part => part.trim());
const isDoubt = (sentence: string): boolean => /\bnot (proven|documented)\b/i.test(sentence);

// A check is shown without its problem, so the provider's own words belong here.
function detailOf({ adapter }: OpenConnection, made: ExchangeOutcome, refusal: Refusal): string | undefined {
  const { provider } = refusal.members;
  const words = made.kind === 'refused' && provider ? clipped(provider).message : undefined;
  return words ? `${adapter.title} refused: ${words}` : refusal.detail;
}

const wasAsked = ({ kind }: ExchangeOutcome): boolean =>
  kind !== 'no-slot' && kind !== 'circuit-open' && kind !== 'throttled';

function refusalOf({ adapter, slug }: OpenConnection, made: ExchangeOutcome): Refusal | undefined {
  switch (made.kind) {
    case 'done':
      return undefined;
    case 'refused':
      return made.refusal;
    case 'not-sent':
      return new Refusal('provider-unavailable', {
        detail: `${adapter.title} cannot be reached: ${made.reason}`,
      });
    case 'unanswered':
      return new Refusal('provider-error', {
        detail: `${adapter.title} gave no usable answer: ${made.reason}`,
        provider: { name: adapter.name, status: made.status, message: made.reason },
      });
    case 'taken':
      throw new Error('A probe has no row that another process could take.');
    default: {
      const seconds = Math.max(1, Math.ceil(made.retryAfterMs / 1000));
      const detail = `The lane of ${slug} cannot take calls now; nothing was sent. Try again in ${seconds} s.`;
      return new Refusal('lane-saturated', { detail, retryAfterSeconds: seconds });
    }
  }
}
