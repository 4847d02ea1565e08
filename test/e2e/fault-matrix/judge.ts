import type { StoredOperation } from '#persistence';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { beforeTheCall, isSentOnce, neverPlayed, pathOf } from './expected.js';
import type { Line } from './stage.js';
import type { WriteCall } from './write-call.js';

/** The measurements of one cell. */
export interface Seen {
  call: WriteCall;
  fault: FaultName;
  first: StoredOperation;
  end: StoredOperation;
  lines: Line[];
  paths: string[];
}

/** A 2xx caller has the result, a refused caller has none, and all others are told that it continues. */
export function honestAnswer(status: number, { state }: StoredOperation): string[] {
  if (status === 202) return [];
  const right = status < 300 ? state === 'succeeded' : status < 500 && state === 'rejected';
  return right ? [] : [`answered ${status}, and the operation is ${state}`];
}

export function rightStates({ call, first, end, paths }: Seen): string[] {
  const path = pathOf(first.state, end.state);
  const wrong = paths.includes(path) ? [] : [`${path}, and not ${paths.join(' or ')}`];
  if (!standsTo(call, end)) wrong.push(`${end.state} by ${end.evidence}, ${JSON.stringify(end.problem)}`);
  const search = first.state === 'unknown' || end.state === 'needs-review' ? end.reconcile : undefined;
  if (search !== undefined && !search?.['reason']) wrong.push('nobody is told why it is not known');
  return wrong;
}

/** The row's evidence matches its state. */
export function standsTo(
  { acceptsWeak }: WriteCall,
  { state, outcome, evidence, problem }: StoredOperation,
): boolean {
  const sure = evidence === 'proof' || evidence === 'strong' || (acceptsWeak === true && evidence === 'weak');
  if (state === 'succeeded') return outcome === 'executed' && sure && problem === null;
  if (state === 'rejected')
    return outcome === 'not-executed' && sure && problem?.['outcome'] === 'not-executed' && !!problem['code'];
  return state === 'needs-review' && outcome === 'unknown' && evidence !== 'proof' && evidence !== 'strong';
}

/** Whether a journal line is the call under test. */
export const isCall = ({ wire }: WriteCall, { method, path, query }: Line): boolean =>
  wire.test(`${method} ${path}${query ? `?${query.replace(/^\?/, '')}` : ''}`);

export function rightCalls({ call, fault, lines, end }: Seen): string[] {
  const sent = lines.filter(line => isCall(call, line) && !('late' in line));
  const wrong: string[] = [];
  if (!beforeTheCall.includes(fault) && !sent.some(line => line.fault === fault)) wrong.push(neverPlayed);
  // A known rate-limit refusal does not count as sent.
  const carried = sent.filter(line => !line.fault?.startsWith('429'));
  if (isSentOnce(call.way) && carried.length > 1)
    wrong.push(`sent ${carried.length} times, and may never be repeated`);
  if (carried.length === 0 && end.state === 'succeeded') wrong.push('succeeded, and never sent');
  if (call.retryClass === 'keyed' && new Set(carried.flatMap(({ body }) => body ?? [])).size > 1)
    wrong.push('repeated with other bytes');
  return wrong;
}

/** The journal is the oracle: one effect for success, none for rejection, never two. */
export function rightEffects({ lines, end }: Pick<Seen, 'lines' | 'end'>): string[] {
  const effects = lines.filter(({ effect }) => effect).length;
  const allowed = { succeeded: [1], rejected: [0] }[end.state as string] ?? [0, 1];
  return allowed.includes(effects) ? [] : [`${end.state}, with ${effects} effects`];
}
