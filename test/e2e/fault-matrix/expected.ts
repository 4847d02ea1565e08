import type { ExchangeOutcome } from '#outbound';
import type { OperationState, RetryClass } from '#canonical';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { decide } from '../../../libs/outbound/src/run/retry.js';
import type { AttemptOutcome } from '../../../libs/outbound/src/run/retry.js';
import { commits } from '../../chaos/faults.js';

/** What the gateway may make of a call under a fault; more than one where it depends on the answer. */
export type Kind = Exclude<ExchangeOutcome['kind'], 'taken' | 'no-slot' | 'circuit-open'>;

/** Faults whose answer never ends: only a time-out of ours does. */
export const hanging: readonly FaultName[] = ['black-hole', 'commit-then-hang', 'slow'];
/** Faults that strike before a byte of the call is read, so that the provider's journal never sees it. */
export const beforeTheCall: readonly FaultName[] = ['port-closed', 'refused'];

/** Faults of one field, drawn where none is named. */
export const oneField: readonly FaultName[] = [
  'drift-missing',
  'drift-renamed',
  'drift-null',
  'drift-new-word',
];

const OTHERS: Partial<Record<FaultName, readonly Kind[]>> = {
  'port-closed': ['not-sent'],
  // Whether the system tells of the connection or of its end first is a matter of microseconds.
  refused: ['not-sent', 'unanswered'],
  // A provider that refuses by the status alone is not believed without it.
  'refusal-200': ['refused', 'unanswered'],
  'late-answer': ['done'],
  'clock-skew': ['done'],
};

/** What must come of a call under this fault; `needed` = the field that drifts is one without which the answer says nothing. */
export function expected(fault: FaultName, { isRead = false, needed = false } = {}): readonly Kind[] {
  // A probe may ask for nothing but a 200; a write never takes a refusal for its answer.
  if (fault === 'refusal-200' && isRead) return ['refused', 'unanswered', 'done'];
  const own = OTHERS[fault];
  if (own) return own;
  if (fault.startsWith('429')) return ['throttled'];
  if (needed) return ['unanswered'];
  // A field that nobody reads may be missing; one that is read makes the answer unbelievable, never a "no".
  if (fault.startsWith('drift') || fault === 'bom-200') return ['done', 'unanswered'];
  return ['unanswered'];
}

/** How the truth about a lost answer is found, by the retry class that the design gives the call. */
export type Way = 'ledger' | 'repeat' | 'proof' | 'person';

/** Each way in words, with what the retry policy is told of it. */
export const ways: Record<Way, { title: string; retryClass: RetryClass; reconcilable: boolean }> = {
  ledger: { title: 'keyed, with a look-up', retryClass: 'keyed', reconcilable: true },
  repeat: { title: 'keyed or absolute, without', retryClass: 'keyed', reconcilable: false },
  proof: { title: 'sent once, a look-up proves', retryClass: 'unsafe', reconcilable: true },
  person: { title: 'sent once, nothing proves', retryClass: 'unsafe', reconcilable: true },
};

/** The state after the answer and the one in the end, as one text: `unknown → succeeded`; one word where they are the same. */
export const pathOf = (first: string, end: string): string => (first === end ? end : `${first} → ${end}`);

/** The paths that a write may take through its states under a fault. */
export const pathsOf = (fault: FaultName, way: Way, needed = false): string[] => [
  ...new Set(
    expected(fault, { needed }).map(kind => pathOf(firstOf(kind, way), endOf({ kind, way, fault }))),
  ),
];

function firstOf(kind: Kind, way: Way): OperationState {
  const attempt = { kind, reason: '', retryAfterMs: 1_000, result: {} } as AttemptOutcome;
  const wrote = kind === 'unanswered' || kind === 'done';
  return decide(attempt, { ...ways[way], wrote, doubtful: false, attempts: 1 }).next;
}

function endOf({ kind, way, fault }: { kind: Kind; way: Way; fault: FaultName }): OperationState {
  if (kind === 'refused') return 'rejected';
  if (kind !== 'unanswered' || way === 'repeat' || way === 'ledger') return 'succeeded';
  if (way === 'person') return 'needs-review';
  return commits(fault) ? 'succeeded' : 'rejected';
}

/** How a fault strikes a read: its first call, or every one. */
export type Strikes = 'once' | 'always';

/** How a read may end, and after how many calls that the provider saw: `answered, 2 calls`. */
export const readEnds = (fault: FaultName, strikes: Strikes): string[] => {
  const ends = expected(fault, { isRead: true }).map(kind => readEnd(kind, fault, strikes));
  // The field is drawn anew for each call: the second answer may lack one that nobody reads.
  return [...new Set([...ends, ...(oneField.includes(fault) ? [told('answered', 2)] : [])])];
};

function readEnd(kind: Kind, fault: FaultName, strikes: Strikes): string {
  if (kind === 'done') return told('answered', 1);
  if (kind === 'refused') return told('refused', 1);
  if (kind === 'throttled') return told('503', 1);
  // A closed port cannot be opened between two calls; a socket that was never used cannot be closed at reuse.
  const over = fault === 'keepalive-close' || (strikes === 'once' && fault !== 'port-closed');
  if (over) return told('answered', beforeTheCall.includes(fault) ? 1 : 2);
  if (beforeTheCall.includes(fault)) return told(kind === 'not-sent' ? '503' : '502', 0);
  return told(hanging.includes(fault) ? '504' : '502', 2);
}

/** The end of a read as one text. */
export const told = (end: string, calls: number): string => `${end}, ${calls} call${calls === 1 ? '' : 's'}`;
