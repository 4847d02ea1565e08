import { attempt } from './attempt.js';
import type { SentWrite } from './attempt.js';
import { keyOf, nameOfIntent } from './keys.js';
import type { KeptKey, KeyStore } from './keys.js';
import { mayStand, provesNothingHappened } from './outcome.js';
import type { Unknown, WriteResult } from './outcome.js';
import { Patience } from './patience.js';
import type { Problem } from './types.js';
import type { Wire } from './wire.js';

/** Options for one write. */
export interface WriteOptions {
  /** The connection's id or slug, if it is not the client's default. */
  connection?: string;
  /** After this time, in milliseconds, an unsettled write is reported as `unknown`. Below 1,500 the write is only accepted. */
  waitMs?: number;
  /** Ends the wait early; the outcome is then `unknown`. */
  signal?: AbortSignal;
  /**
   * A name for the intent. Without it, two calls with the same content are one intent until its outcome is known. With it,
   * they are one intent forever, and different content under the same name is refused (`idempotency-key-reused`).
   */
  intent?: string;
}

/** A write as the caller requested it. */
export interface AskedWrite extends WriteOptions {
  path: string;
  params: Record<string, string> | undefined;
  body: unknown;
}

/** The polling interval for a running write, in case the gateway answers without waiting. */
const POLL_MS = 500;

/** Performs a write once, however often it has to be sent: same intent, same key. */
export async function write<Resource>(
  wire: Wire,
  keys: KeyStore,
  asked: AskedWrite,
): Promise<WriteResult<Resource>> {
  const { path, params, body, intent: content = body } = asked;
  const connection = asked.connection ?? wire.headers['gateway-connection'];
  const intent = await nameOfIntent({ path, params, connection, content });
  const kept = await keyOf(keys, intent);
  const result = await untilSettled<Resource>(wire, asked, kept);
  // The outcome is returned even if the store fails. A key that stays there only joins the existing write.
  if (isOver(result, asked)) await keys.forget(intent, kept.key).catch(() => undefined);
  return result;
}

async function untilSettled<Resource>(
  wire: Wire,
  asked: AskedWrite,
  { key, fresh }: KeptKey,
): Promise<WriteResult<Resource>> {
  const patience = new Patience(wire.retry, asked.waitMs ?? wire.waitMs, asked.signal);
  const sent = requestOf(wire, asked, key);
  const seen: Unknown = { outcome: 'unknown', key };
  let earlierAttemptMayStand = !fresh;
  for (;;) {
    const answer = await attempt(wire, sent, patience);
    if (answer.kind === 'done') {
      // 200 instead of 201: the reference was already known, under this key or another.
      const replayed = answer.replayed || (answer.status === 200 && hasReference(asked.body));
      return { outcome: 'done', resource: answer.resource as Resource, replayed, key };
    }
    if (answer.kind === 'problem') {
      const { problem, retryAfter } = answer;
      // A gateway that lost track of this attempt may recover and refuse the next one for another reason.
      earlierAttemptMayStand ||= mayStand(problem);
      if (problem.retryable && (await patience.again(retryAfter))) continue;
      const refused = provesNothingHappened(problem, earlierAttemptMayStand) && !isElsewhere(problem, asked);
      return refused ? { outcome: 'refused', problem, key } : { ...seen, problem };
    }
    earlierAttemptMayStand = true;
    if (answer.kind === 'running') {
      seen.operation = answer.operation;
      // From here on only a person can settle it.
      if (answer.operation.state === 'needs-review' || !(await patience.rest(POLL_MS))) return seen;
    } else {
      seen.cause = answer.cause;
      if (!answer.again || !(await patience.again())) return seen;
    }
  }
}

/** The key of an intent without a name belongs to this very content: its first request went to another connection (the default has changed), and may stand there. */
const isElsewhere = ({ code }: Problem, { intent }: AskedWrite): boolean =>
  code === 'idempotency-key-reused' && intent === undefined;

function requestOf(wire: Wire, { path, params = {}, body, connection }: AskedWrite, key: string): SentWrite {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return {
    url: `${wire.baseUrl}${filled}`,
    headers: {
      ...wire.headers,
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(connection !== undefined && { 'gateway-connection': connection }),
    },
    body: JSON.stringify(body ?? {}),
  };
}

/** Whether the same content, sent again, would be a new intent. */
function isOver(result: WriteResult<unknown>, { intent, body }: AskedWrite): boolean {
  if (result.outcome === 'unknown') return false;
  // The key belongs to other content, whose outcome is still unknown here.
  if (result.outcome === 'refused') return result.problem.code !== 'idempotency-key-reused';
  return intent === undefined && !hasReference(body);
}

const hasReference = (body: unknown): boolean =>
  (body as { merchantReference?: string } | undefined)?.merchantReference !== undefined;
