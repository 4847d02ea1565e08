import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import type { Made } from './exchange.js';
import type { Sent } from './http/sent.js';

const SKEW_WORTH_KEEPING_MS = 1_500;

/** Keeps what every answer tells beside its content: the provider's clock, and whether the credentials are good. */
export function learnFrom(core: Core, connection: OpenConnection, sent: Sent, made: Made): void {
  if (sent.kind !== 'answered') return;
  const state = stateAfter(connection.state, made);
  const skew = measuredSkew(core.now(), sent);
  const moved = skew !== undefined && Math.abs(skew - connection.clockSkewMs) >= SKEW_WORTH_KEEPING_MS;
  if (moved) connection.clockSkewMs = skew;
  if (state === connection.state && !moved) return;
  const lesson = { state: state === connection.state ? undefined : state, skew: moved ? skew : undefined };
  connection.state = state;
  core.background.run(keep(core, connection, lesson), error =>
    core.log('warn', 'what a call taught about its connection was lost', { error: String(error) }),
  );
}

function stateAfter(state: string, made: Made): string {
  if (state === 'paused') return state;
  if (made.kind === 'refused' && made.refusal.code === 'connection-credentials-invalid') return 'invalid';
  // Degraded is the lane's trouble: it ends with it, not with one good answer.
  if (made.kind === 'done' && state !== 'degraded') return 'callable';
  return state;
}

/** How far the provider's clock is ahead of ours (ms), by the middle of the call; only the HTTP `Date` header counts. */
export function measuredSkew(now: Date, sent: Extract<Sent, { kind: 'answered' }>): number | undefined {
  const told = Date.parse(sent.dateHeader ?? '');
  if (!Number.isFinite(told)) return undefined;
  // The header has whole seconds, cut off: half a second is its mean error.
  return Math.round(told + 500 - (now.getTime() - sent.durationMs / 2));
}

async function keep(
  core: Core,
  connection: OpenConnection,
  { state, skew }: { state?: string; skew?: number },
): Promise<void> {
  await core.database.transaction(async tx => {
    if (skew !== undefined) await core.stores.connections.update(tx, connection.id, { clockSkewMs: skew });
    if (state === undefined) return;
    const moved = await core.stores.connections.moveState(
      tx,
      connection.id,
      state,
      state === 'invalid' ? 'the provider refused the credentials' : null,
    );
    if (!moved) return;
    await core.stores.events.append(tx, {
      tenantId: connection.tenantId,
      connectionId: connection.id,
      type: 'connection.state-changed',
      resourceType: 'connection',
      resourceId: connection.id,
      data: { state },
    });
  });
}
