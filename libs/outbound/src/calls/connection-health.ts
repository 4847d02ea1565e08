import type { ConnectionState } from '#canonical';
import type { StoredConnection } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import { moveConnection } from '../connections/move-connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome } from './exchange.js';
import type { Sent } from '../http/sent.js';

const SKEW_WORTH_KEEPING_MS = 1_500;

/** Keeps what every answer shows besides its content: the provider's clock, and whether the credentials are valid. */
export function updateConnectionHealth(
  core: Core,
  connection: OpenConnection,
  sent: Sent,
  made: ExchangeOutcome,
): void {
  if (sent.kind !== 'answered') return;
  const state = stateAfter(connection.state, made);
  const skew = measuredSkew(
    { now: core.now(), sentMsAgo: performance.now() - sent.writtenAt },
    sent.dateHeader,
  );
  // Settling this answer needs the exact skew; the row is updated only for a change worth a write.
  connection.freshSkewMs = skew;
  const moved = skew !== undefined && Math.abs(skew - connection.clockSkewMs) >= SKEW_WORTH_KEEPING_MS;
  if (moved) connection.clockSkewMs = skew;
  if (state === connection.state && !moved) return;
  const change = { state: state === connection.state ? undefined : state, skew: moved ? skew : undefined };
  connection.state = state;
  core.background.run(saveHealth(core, connection, change), error =>
    core.log('warn', 'what a call taught about its connection was lost', { error: String(error) }),
  );
}

function stateAfter(state: ConnectionState, made: ExchangeOutcome): ConnectionState {
  if (state === 'paused') return state;
  if (made.kind === 'refused' && made.refusal.code === 'connection-credentials-invalid') return 'invalid';
  // `degraded` belongs to the lane and ends with its trouble, not with one good answer.
  if (made.kind === 'done' && state !== 'degraded') return 'callable';
  return state;
}

// `Tue, 15 Nov 1994 08:12:31 GMT`, the only form that RFC 9110 lets a server send. `Date.parse` reads a year in "0".
const IMF_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
/** A clock that is further off is no clock: local time sent as GMT, a cached answer. */
const FURTHEST_SKEW_MS = 3_600_000;

/** How far the provider's clock is ahead of ours at most (ms), by the HTTP `Date` header alone; `undefined` when it does not tell. */
export function measuredSkew(
  { now, sentMsAgo }: { now: Date; sentMsAgo: number },
  dateHeader: string | undefined,
): number | undefined {
  if (dateHeader === undefined || !IMF_DATE.test(dateHeader)) return undefined;
  // The header has whole seconds, cut off, and was written after the request had left.
  const skew = Math.round(Date.parse(dateHeader) + 1_000 - (now.getTime() - sentMsAgo));
  return Math.abs(skew) <= FURTHEST_SKEW_MS ? skew : undefined;
}

/** Whether the row still has the credentials and the address that the call was made with. */
const isOfSame = ({ lane, baseUrl }: OpenConnection, stored: StoredConnection): boolean =>
  stored.lane === lane.fingerprint && stored.baseUrl === baseUrl;

/** Writes what a call showed, unless its connection was paused or changed while it was on its way. */
async function saveHealth(
  core: Core,
  connection: OpenConnection,
  { state, skew }: { state?: ConnectionState; skew?: number },
): Promise<void> {
  await core.database.transaction(async tx => {
    const stored = await core.stores.connections.lock(tx, connection.id);
    if (!stored || !isOfSame(connection, stored)) return;
    if (skew !== undefined) await core.stores.connections.update(tx, connection.id, { clockSkewMs: skew });
    if (state === undefined || stored.state === 'paused') return;
    const reason = state === 'invalid' ? 'the provider refused the credentials' : null;
    await moveConnection(core, tx, connection, { state, reason });
  });
}
