import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';
import type { JournalEntry } from '../journal.js';
import { rendered, send } from '../answer.js';
import type { Rendered } from '../answer.js';
import type { FaultParams } from './fault-names.js';

/** What a fault acts on: the call, its connection, and the ledger behind it. */
export interface FaultyCall {
  readonly request: SimulatedRequest;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: JournalEntry;
  readonly params: FaultParams;
  readonly random: () => number;
  /** Lets the simulator answer and its effect happen; `now` overrides its clock. */
  commit(now?: Date): SimulatedAnswer;
  /** The same after a delay, with its own journal entry. */
  commitAfter(delayMs: number): void;
  /** The simulator's answer to the same call without credentials. */
  refuse(): SimulatedAnswer;
  /** The provider's own "too many requests" answer. */
  tooManyRequests(): SimulatedAnswer;
}

/** Injects one fault into a call. */
export type InjectFault = (call: FaultyCall) => void;

/** Whether the effect happens: as the rule says, else the fault's default. */
export const commits = ({ params }: FaultyCall, usually: boolean): boolean => params.commit ?? usually;

/** Sends an answer whole and writes its status into the journal. */
export function reply(
  { response, entry, request }: FaultyCall,
  answer: SimulatedAnswer,
  date = request.now,
): void {
  entry.status = answer.status;
  send(response, rendered(answer, date));
}

/** The correct answer in bytes, after the effect; with `commit: false` an empty JSON object instead. */
export function rightAnswer(call: FaultyCall): Rendered {
  const answer = commits(call, true) ? call.commit() : { status: 200, body: {} };
  call.entry.status = answer.status;
  return rendered(answer, call.request.now);
}
