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
  const record = recordCall(call.outgoing, call.sent, call.secrets);
  const reason =
    'reason' in call.made ? call.made.reason : call.made.kind === 'refused' ? call.made.refusal.code : null;
  const row = {
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
  };
  core.background.run(core.stores.journal.call(core.database.direct, row), error =>
    core.log('warn', 'a line of the provider-call log was lost', { error: String(error) }),
  );
}
