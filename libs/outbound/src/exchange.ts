import { formBody, interpret, queryString } from '#adapter-kit';
import type { Context, Exchange, Meaning, WireAnswer, WireRequest } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import { LATE_START_MS } from './call-times.js';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import { journalCall } from './journal.js';
import type { OutgoingRequest } from './http/sent.js';
import { enterLane, noteTrouble } from './lane-watch.js';
import { LONGEST_PAUSE_MS } from './lanes/law.js';
import type { Lane, LaneClass, LaneRefusal, Slot } from './lanes/lanes.js';
import { learnFrom } from './learn.js';
import { unsaid, unsaidOf } from './unsaid.js';
import { wakeHeld } from './wake-held.js';

/** A start is used within so long, in milliseconds, or given back. */
const LATEST_MS = 25;
/** What comes first on a new connection is read so much later, in milliseconds: the server has to accept it before. */
const OPENING_MS = 12;

/** Adds up where a request's time went, in milliseconds. */
export interface Timing {
  /** The request has a start in this lane, which has so many left: a call is about to leave. */
  entered(lane: Lane, left: number): void;
  add(part: 'queue' | 'provider', ms: number): void;
}

/** How one exchange is to be made. */
export interface Terms {
  laneClass: LaneClass;
  /** How long it may stand in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** For the whole answer, once the slot was given. */
  timeoutMs: number;
  /** `performance.now()` at which the caller is answered whatever happens; cuts the timeout short. */
  deadlineAt?: number;
  operationId?: string;
  /** Told how long the lane and the provider took, for `Server-Timing`. */
  timing?: Timing;
  /** Sees the raw answer, for `?include=raw`. */
  seen?(answer: WireAnswer): void;
  /** Called when the slot is given and before the first byte leaves; false = somebody else has the operation now, nothing may be sent. */
  beforeSend?(): Promise<boolean>;
  /** How long what `beforeSend` wrote holds good for a start, in milliseconds: whoever slept longer may not send any more. */
  startWithinMs?: number;
}

/** What became of one exchange. */
export type Made =
  | Meaning
  | { kind: 'not-sent'; reason: string }
  | { kind: 'no-slot'; retryAfterMs: number }
  | { kind: 'circuit-open'; retryAfterMs: number }
  | { kind: 'taken' };

/** Makes one exchange with a provider: its turn in the lane, the request, the reading of the answer. The only road to a provider. */
export async function makeExchange(
  core: Core,
  connection: OpenConnection,
  wish: { exchange: Exchange; ask: unknown; context: Context },
  terms: Terms,
): Promise<Made> {
  const { exchange, ask, context } = wish;
  // All that can go wrong on our side goes wrong before the operation says that it is being sent.
  const wire = exchange.request(ask, context);
  const request = authenticated(connection, wire);
  const breaker = core.breakers.of(connection.lane.fingerprint);
  if (breaker.isOpen()) {
    noteTrouble(core, connection.lane, breaker.retryAfterMs(), 'the provider does not answer');
    return { kind: 'circuit-open', retryAfterMs: breaker.retryAfterMs() };
  }
  const first = await enterLane(core, connection.lane, terms);
  if (!first.granted) return { kind: 'no-slot', retryAfterMs: first.retryAfterMs };
  terms.timing?.add('queue', first.waitedMs);
  terms.timing?.entered(connection.lane, first.left);
  const slot = await startOf(core, first, terms);
  if ('kind' in slot) return slot;
  const onWritten = (at: number, opened: boolean) => {
    core.lanes.left(slot, opened ? at + OPENING_MS : at);
    if (terms.laneClass !== 'reconcile' && exchange.retryClass !== 'read') crashPoint('dispatch:sent');
  };
  const outgoing = { ...request, timeoutMs: timeoutOf(terms), onWritten };
  const sent = await core.send.send(outgoing);
  terms.timing?.add('provider', sent.durationMs);
  if (sent.kind === 'answered') terms.seen?.(sent.answer);
  const secrets = unsaidOf(connection, { ask, wire, headers: request.headers });
  const made = unsaid(
    sent.kind === 'answered' ? interpret(connection.adapter, exchange, sent.answer, ask, context) : sent,
    connection.adapter,
    secrets,
  );
  if (made.kind === 'throttled') await obey(core, connection.lane, made.retryAfterMs);
  if (breaker.note(made)) core.background.run(wakeHeld(core, connection.lane), () => undefined);
  const { operationId } = terms;
  journalCall(core, connection, { exchange, outgoing, sent, made, operationId, secrets });
  aside(core, () => learnFrom(core, connection, sent, made));
  return made;
}

/** The start with which the call may leave, once its row says so and as long as it is its own. */
async function startOf(
  core: Core,
  first: Slot,
  terms: Terms,
): Promise<Slot | Extract<Made, { kind: 'taken' | 'no-slot' }>> {
  const latestAt = performance.now() + (terms.startWithinMs ?? Infinity);
  if (terms.beforeSend && !(await terms.beforeSend())) return { kind: 'taken' };
  const slot = await inTime(core, first, terms);
  if (!slot.granted) return { kind: 'no-slot', retryAfterMs: slot.retryAfterMs };
  // A process that was stopped here wakes when its row may long be another's, or ended.
  return performance.now() > latestAt ? { kind: 'no-slot', retryAfterMs: 0 } : slot;
}

// A starved process, or a store that took long to write: what leaves so late would come too near to others' starts.
async function inTime(
  core: Core,
  slot: Slot,
  { beforeSend, laneBudgetMs }: Terms,
): Promise<Slot | LaneRefusal> {
  if (performance.now() - slot.dueAt <= LATEST_MS) return slot;
  // A row that is claimed is soon another's; whoever holds none may wait as long as the caller does.
  const left = beforeSend ? 0 : laneBudgetMs - slot.waitedMs;
  return core.lanes.again(slot, Math.max(LATE_START_MS, left));
}

/** The provider asked for a pause: the lane holds it, and people are told. */
async function obey(core: Core, lane: Lane, ms: number): Promise<void> {
  await core.lanes.pause(lane, ms).catch(() => undefined);
  noteTrouble(core, lane, Math.min(ms, LONGEST_PAUSE_MS), 'the provider asked for a pause');
}

// What is only kept for people must never cost an answer.
function aside(core: Core, note: () => void): void {
  try {
    note();
  } catch (error) {
    core.log('warn', 'what an answer told beside its content was lost', { error: String(error) });
  }
}

// A slot may come late; whoever waits is still answered in time.
const timeoutOf = ({ timeoutMs, deadlineAt }: Terms): number =>
  deadlineAt === undefined
    ? timeoutMs
    : // Whole, because it is told: ten decimals would be masked as a card's number.
      Math.round(Math.max(50, Math.min(timeoutMs, deadlineAt - performance.now())));

function authenticated(connection: OpenConnection, request: WireRequest): Omit<OutgoingRequest, 'timeoutMs'> {
  const { adapter, credentials, settings, baseUrl } = connection;
  const proof = adapter.authenticate(credentials, settings, request);
  const form = request.form || proof.form ? formBody({ ...request.form, ...proof.form }) : undefined;
  const body = form ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
  return {
    method: request.method,
    url: `${baseUrl.replace(/\/+$/, '')}${request.path}${queryString({ ...request.query, ...proof.query })}`,
    headers: {
      accept: 'application/json',
      ...(body === undefined
        ? {}
        : { 'content-type': form === undefined ? 'application/json' : 'application/x-www-form-urlencoded' }),
      ...request.headers,
      ...proof.headers,
      ...(request.bearer ? { authorization: `Bearer ${request.bearer}` } : {}),
    },
    body,
  };
}
