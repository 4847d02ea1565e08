import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';
import type { JournalEntry } from '../journal.js';
import { rendered, send } from '../answer.js';
import type { Rendered } from '../answer.js';
import type { FaultParams } from './fault-names.js';

/** What a fault is played upon: the call, its connection, and the ledger behind it. */
export interface FaultyCall {
  readonly request: SimulatedRequest;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: JournalEntry;
  readonly params: FaultParams;
  readonly random: () => number;
  /** Lets the simulator answer and its effect happen; `now` where its clock is off. */
  commit(now?: Date): SimulatedAnswer;
  /** The same later, with a journal entry of its own. */
  commitAfter(delayMs: number): void;
  /** What the simulator says to the same call without its credentials. */
  refuse(): SimulatedAnswer;
  /** The provider's own way of saying "too many requests". */
  tooMany(): SimulatedAnswer;
}

/** Plays one fault. */
export type Play = (call: FaultyCall) => void;

/** Whether the effect is to happen: what the rule says, else the fault's own way. */
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

/** The right answer in bytes, after the effect; with `commit: false` an empty JSON object in its place. */
export function rightAnswer(call: FaultyCall): Rendered {
  const answer = commits(call, true) ? call.commit() : { status: 200, body: {} };
  call.entry.status = answer.status;
  return rendered(answer, call.request.now);
}
