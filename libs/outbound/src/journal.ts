import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Exchange } from '#adapter-kit';
import type { OpenConnection } from './connection.js';
import type { Core } from './core.js';
import type { Made } from './exchange.js';
import { recordCall } from './http/call-record.js';
import type { OutgoingRequest, Sent } from './http/sent.js';

/** One call, as it went. */
export interface MadeCall {
  exchange: Exchange;
  outgoing: OutgoingRequest;
  sent: Sent;
  made: Made;
  operationId?: string;
  /** Texts that the line may not show: see `unsaidOf`. */
  secrets: readonly string[];
}

/** Writes the redacted line of the provider-call log, off the caller's path: support reads it, nothing depends on it. */
export function journalCall(core: Core, connection: OpenConnection, call: MadeCall): void {
  core.background.run(write(core, connection, call), error =>
    core.log('warn', 'a line of the provider-call log was lost', { error: String(error) }),
  );
}

async function write(core: Core, connection: OpenConnection, call: MadeCall): Promise<void> {
  // To mask an answer takes its time: that of the store, for which the caller's own work waits meanwhile.
  await nextTurn();
  const record = recordCall(call.outgoing, call.sent, call.secrets);
  const reason =
    'reason' in call.made ? call.made.reason : call.made.kind === 'refused' ? call.made.refusal.code : null;
  await core.stores.journal.call(core.database.direct, {
    tenantId: connection.tenantId,
    connectionId: connection.id,
    operationId: call.operationId ?? null,
    exchange: call.exchange.name,
    method: record.method,
    url: record.url,
    status: record.status ?? null,
    outcome: call.made.kind,
    reason,
    durationMs: record.durationMs.toFixed(3),
    request: { ...record.request },
    response: record.response ? { ...record.response } : null,
  });
}
