import { interpret, pauseAskedBy } from '#adapter-kit';
import type { Context, Exchange, Meaning, WireAnswer } from '#adapter-kit';
import { crashPoint } from '#crash-point';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { buildRequest } from './build-request.js';
import type { BuiltRequest } from './build-request.js';
import { journalCall } from './call-log.js';
import type { MadeCall } from './call-log.js';
import { noteTrouble } from '../lanes/lane-watch.js';
import { LONGEST_PAUSE_MS } from '../lanes/lane-rules.js';
import type { Lane, LaneClass, Slot } from '../lanes/lanes.js';
import type { OutgoingRequest, Sent } from '../http/sent.js';
import { updateConnectionHealth } from './connection-health.js';
import { redactOutcome, secretTextsOf } from './redact-outcome.js';
import { isStart, takeStart } from './take-start.js';
import { wakePostponedProbes } from './wake-postponed-probes.js';

/** The first request on a new connection is read this much later, in milliseconds: the server has to accept the connection first. */
const OPENING_MS = 60;

/** A provider that was given less time than this for an answer cannot be called silent, in milliseconds. */
const LEAST_SILENCE_MS = 1_000;

/** Collects where a request's time went, in milliseconds. */
export interface Timing {
  /** The request got a start in this lane, which has `startsLeft` more in its window. */
  entered(lane: Lane, startsLeft: number): void;
  add(part: 'queue' | 'provider', ms: number): void;
}

/** Limits and callbacks of one exchange. */
export interface ExchangeTerms {
  laneClass: LaneClass;
  /** How long it may wait in the lane, in milliseconds. */
  laneBudgetMs: number;
  /** For the whole answer, once the slot was given. */
  timeoutMs: number;
  /** `performance.now()` at which the caller must be answered; shortens the timeout. */
  deadlineAt?: number;
  operationId?: string;
  /** Nothing depends on it: that it gets no start is no news. */
  aside?: boolean;
  /** Receives how long lane and provider took, for `Server-Timing`. */
  timing?: Timing;
  /** Sees the raw answer, for `?include=raw`. */
  seen?(answer: WireAnswer): void;
  /** A start that was granted before; otherwise one is asked for. */
  slot?: Slot;
  /** The request, if it was built before. */
  built?: BuiltRequest;
  /** Called after the start was granted and before the first byte leaves; false = another process has the operation, nothing may be sent. */
  beforeSend?(): Promise<boolean>;
  /** `performance.now()` before the claim was sent to Postgres, if that was before `beforeSend` is called; too long after it nothing may be sent. */
  claimedAt?: number;
}

/** How one exchange ended; `overdue` = the request's own time was over. */
export type ExchangeOutcome =
  | Meaning
  | { kind: 'not-sent'; reason: string; overdue?: true }
  | { kind: 'no-slot'; retryAfterMs: number }
  | { kind: 'circuit-open'; retryAfterMs: number }
  | { kind: 'taken' };

/** Makes one exchange with a provider: lane, request, interpretation of the answer. Nothing else sends anything to a provider. */
export async function makeExchange(
  core: Core,
  connection: OpenConnection,
  wish: { exchange: Exchange; ask: unknown; context: Context },
  terms: ExchangeTerms,
): Promise<ExchangeOutcome> {
  const { exchange, ask } = wish;
  const context = { ...wish.context, now: core.now() };
  // Whatever can fail on our side fails before the operation is marked as being sent.
  const { wire, request } = terms.built ?? buildRequest(connection, { exchange, ask, context });
  const slot = await takeStart(core, connection.lane, terms);
  if (!isStart(slot)) return slot;
  const onWritten = (at: number, opened: boolean) => {
    core.lanes.sent(slot, opened ? at + OPENING_MS : at);
    if (terms.laneClass !== 'reconcile' && exchange.retryClass !== 'read') crashPoint('dispatch:sent');
  };
  const outgoing = { ...request, timeoutMs: timeoutOf(terms), onWritten };
  const sent = await core.send.send(outgoing);
  terms.timing?.add('provider', sent.durationMs);
  if (sent.kind === 'answered') terms.seen?.(sent.answer);
  const secrets = secretTextsOf(connection, { ask, wire, headers: request.headers });
  const made = redactOutcome(
    sent.kind === 'answered' ? interpret(connection.adapter, exchange, sent.answer, ask, context) : sent,
    connection.adapter,
    secrets,
  );
  const { operationId } = terms;
  await learnFrom(core, connection, { exchange, outgoing, sent, made, operationId, secrets });
  return made;
}

/** Keeps what a call showed of the provider besides its answer. */
async function learnFrom(core: Core, connection: OpenConnection, call: MadeCall): Promise<void> {
  const { outgoing, sent, made } = call;
  const { lane } = connection;
  const pauseMs = sent.kind === 'answered' ? pauseAskedBy(sent.answer, core.now()) : 0;
  if (pauseMs > 0) await pauseLane(core, lane, pauseMs);
  const answersAgain = core.breakers.of(lane.fingerprint).note(made, isCutShort(sent, outgoing));
  if (answersAgain) core.background.run(wakePostponedProbes(core, lane), () => undefined);
  journalCall(core, connection, call);
  withoutFailing(core, () => updateConnectionHealth(core, connection, sent, made));
}

// The caller's wait was over, and not the provider's time: that must not turn away others, who wait longer.
const isCutShort = (sent: Sent, { timeoutMs }: OutgoingRequest): boolean =>
  sent.kind !== 'answered' && sent.overdue === true && timeoutMs < LEAST_SILENCE_MS;

/** The provider asked for a pause: pauses the lane and marks its connections as degraded. */
async function pauseLane(core: Core, lane: Lane, ms: number): Promise<void> {
  await core.lanes.pause(lane, ms).catch(() => undefined);
  noteTrouble(core, lane, Math.min(ms, LONGEST_PAUSE_MS), 'the provider asked for a pause');
}

// A failure in what is only informative must never cost the answer.
function withoutFailing(core: Core, note: () => void): void {
  try {
    note();
  } catch (error) {
    core.log('warn', 'what an answer told beside its content was lost', { error: String(error) });
  }
}

// The start may come late; the caller is answered in time all the same.
const timeoutOf = ({ timeoutMs, deadlineAt }: ExchangeTerms): number =>
  deadlineAt === undefined
    ? timeoutMs
    : // Whole, because it is told: ten decimals would be masked as a card's number.
      Math.round(Math.max(50, Math.min(timeoutMs, deadlineAt - performance.now())));
