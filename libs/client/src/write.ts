import { attempt } from './attempt.js';
import type { SentWrite } from './attempt.js';
import { nameOfIntent } from './keys.js';
import type { KeptKey, KeyStore } from './keys.js';
import { provesNothingHappened } from './outcome.js';
import type { Unknown, WriteResult } from './outcome.js';
import { Patience } from './patience.js';
import type { Wire } from './wire.js';

/** What a caller may say of one write. */
export interface WriteOptions {
  /** The provider account, id or slug, where it is not the client's own. */
  connection?: string;
  /** Whatever is not settled in this time is told as `unknown`; milliseconds. Under 1,500 the write is only taken in. */
  waitMs?: number;
  /** Ends the wait early, with `unknown`. */
  signal?: AbortSignal;
  /**
   * The intent's own name. Without it two calls with the same content are one intent until its outcome is known; with it
   * they are one for ever, and other content under the name is refused (`idempotency-key-reused`).
   */
  intent?: string;
}

/** A write as it was asked for. */
export interface AskedWrite extends WriteOptions {
  path: string;
  params: Record<string, string> | undefined;
  body: unknown;
}

/** A poll of what is still running, where the gateway answers without having waited. */
const POLL_MS = 500;

/** Does a write once, however often it has to be sent: same intent, same key. */
export async function write<Resource>(
  wire: Wire,
  keys: KeyStore,
  asked: AskedWrite,
): Promise<WriteResult<Resource>> {
  const { path, params, body, intent: content = body } = asked;
  const connection = asked.connection ?? wire.headers['gateway-connection'];
  const intent = await nameOfIntent({ baseUrl: wire.baseUrl, path, params, connection, content });
  const kept = await keys.keep(intent, crypto.randomUUID());
  const result = await untilSettled<Resource>(wire, asked, kept);
  // What became of the write is told whatever the store says. A key that stays there joins what stands.
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
  let earlierTryMayStand = !fresh;
  for (;;) {
    const answer = await attempt(wire, sent, patience);
    if (answer.kind === 'done') {
      // 200 in place of 201: the reference was known, under whichever key.
      const replayed = answer.replayed || (answer.status === 200 && hasReference(asked.body));
      return { outcome: 'done', resource: answer.resource as Resource, replayed, key };
    }
    if (answer.kind === 'problem') {
      const { problem, retryAfter } = answer;
      // A gateway that lost sight of this try may be well again, and refuse the next one for another reason.
      earlierTryMayStand ||= problem.outcome !== 'not-executed';
      if (problem.retryable && (await patience.again(retryAfter))) continue;
      if (provesNothingHappened(problem, earlierTryMayStand)) return { outcome: 'refused', problem, key };
      return { ...seen, problem };
    }
    earlierTryMayStand = true;
    if (answer.kind === 'running') {
      seen.operation = answer.operation;
      // Nothing but a person's decision settles it from here on.
      if (answer.operation.state === 'needs-review' || !(await patience.rest(POLL_MS))) return seen;
    } else {
      seen.cause = answer.cause;
      if (!answer.again || !(await patience.again())) return seen;
    }
  }
}

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

/** Whether the same content, asked again, would be something new. */
function isOver(result: WriteResult<unknown>, { intent, body }: AskedWrite): boolean {
  if (result.outcome === 'unknown') return false;
  // The key belongs to other content, whose outcome is not told here.
  if (result.outcome === 'refused') return result.problem.code !== 'idempotency-key-reused';
  return intent === undefined && !hasReference(body);
}

const hasReference = (body: unknown): boolean =>
  (body as { merchantReference?: string } | undefined)?.merchantReference !== undefined;
