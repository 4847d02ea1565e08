import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Exchange } from '#adapter-kit';
import { CallTally } from './call-tally.js';
import { belongingTo } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { ExchangeOutcome } from './exchange.js';
import type { CallInsert } from '#persistence';
import { recordCall } from '../http/call-record.js';
import type { OutgoingRequest, Sent } from '../http/sent.js';

/** How long a line waits for others, in milliseconds. */
const GATHER_MS = 50;

/** The lines of the provider-call log on their way: those of one moment leave together, for nobody waits for them and a statement for each would cost the calls themselves. */
export class CallLog {
  readonly tally = new CallTally();
  #lines: CallInsert[] = [];
  #leaving: Promise<void> | undefined;
  readonly #open = new Set<Promise<void>>();

  constructor(readonly write: (lines: readonly CallInsert[]) => Promise<void>) {}

  /** Resolves when the line stands. */
  add(line: CallInsert): Promise<void> {
    this.#lines.push(line);
    if (this.#leaving) return this.#leaving;
    const leaving = this.#leave().finally(() => this.#open.delete(leaving));
    this.#open.add(leaving);
    return (this.#leaving = leaving);
  }

  /** Resolves when all lines that were added by now stand, or failed to. */
  async flushed(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  async #leave(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, GATHER_MS));
    const lines = this.#lines;
    this.#lines = [];
    this.#leaving = undefined;
    await this.write(lines);
  }
}

/** One call, as it went. */
export interface MadeCall {
  exchange: Exchange;
  outgoing: OutgoingRequest;
  sent: Sent;
  made: ExchangeOutcome;
  operationId?: string;
  /** Texts that the line may not show: see `secretTextsOf`. */
  secrets(): readonly string[];
}

/** Counts the call and writes the redacted line of the provider-call log, off the caller's path: support reads it, nothing depends on it. */
export function journalCall(core: Core, connection: OpenConnection, call: MadeCall): void {
  core.callLog.tally.note(connection.provider, call.made.kind, call.sent.durationMs);
  core.background.run(write(core, connection, call), error =>
    core.log('warn', 'a line of the provider-call log was lost', { error: String(error) }),
  );
}

async function write(core: Core, connection: OpenConnection, call: MadeCall): Promise<void> {
  // To mask an answer takes its time: that of the store, for which the caller's own work waits meanwhile.
  await nextTurn();
  const record = recordCall(call.outgoing, call.sent, call.secrets());
  const reason =
    'reason' in call.made ? call.made.reason : call.made.kind === 'refused' ? call.made.refusal.code : null;
  await core.callLog.add({
    ...belongingTo(connection),
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
