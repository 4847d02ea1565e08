import type { ExchangeOutcome } from '#outbound';
import type { OperationState, RetryClass } from '#canonical';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { decide } from '../../../libs/outbound/src/run/retry.js';
import type { AttemptOutcome } from '../../../libs/outbound/src/run/retry.js';
import { commits } from '../../chaos/faults.js';

/** The allowed results of a call under a fault; several where it depends on the answer. */
export type Kind = Exclude<ExchangeOutcome['kind'], 'taken' | 'no-slot' | 'circuit-open'>;

/** Faults whose answer never ends: only our time-out ends the call. */
export const hanging: readonly FaultName[] = ['black-hole', 'commit-then-hang', 'slow'];
/** Faults before a byte of the call is read, so that the provider's journal does not have it. */
export const beforeTheCall: readonly FaultName[] = ['port-closed', 'refused'];

/** What is said of a cell that shows nothing. */
export const neverPlayed = 'the fault was never played';

/** Faults of a single field, chosen at random unless named. */
export const oneField: readonly FaultName[] = [
  'drift-missing',
  'drift-renamed',
  'drift-null',
  'drift-new-word',
];

const OTHERS: Partial<Record<FaultName, readonly Kind[]>> = {
  'port-closed': ['not-sent'],
  // Which of the two errors the system reports first is a race.
  refused: ['not-sent', 'unanswered'],
  // A refusal by status alone is not accepted without it.
  'refusal-200': ['refused', 'unanswered'],
  'late-answer': ['done'],
  'clock-skew': ['done'],
};

/** The allowed results of a call under a fault; `needed` = the changed field is required. */
export function expected(fault: FaultName, { isRead = false, needed = false } = {}): readonly Kind[] {
  // A read may check only for a 200; a write never does.
  if (fault === 'refusal-200' && isRead) return ['refused', 'unanswered', 'done'];
  const own = OTHERS[fault];
  if (own) return own;
  if (fault.startsWith('429')) return ['throttled'];
  if (needed) return ['unanswered'];
  // An unread field may be missing; a missing read field makes the answer unusable, never a refusal.
  if (fault.startsWith('drift') || fault === 'bom-200') return ['done', 'unanswered'];
  return ['unanswered'];
}

/** How a lost answer is reconciled, by the call's retry class. */
export type Way = 'ledger' | 'repeat' | 'proof' | 'sighting' | 'person';

/** Each way as text, with its retry policy. */
export const ways: Record<Way, { title: string; retryClass: RetryClass; reconcilable: boolean }> = {
  ledger: { title: 'keyed, with a look-up', retryClass: 'keyed', reconcilable: true },
  repeat: { title: 'absolute, or keyed without', retryClass: 'keyed', reconcilable: false },
  proof: { title: 'sent once, a look-up proves', retryClass: 'unsafe', reconcilable: true },
  sighting: { title: 'sent once, only its effect proves', retryClass: 'unsafe', reconcilable: true },
  person: { title: 'sent once, nothing proves', retryClass: 'unsafe', reconcilable: true },
};

/** Whether a call may never be sent twice. */
export const isSentOnce = (way: Way): boolean => ['proof', 'sighting', 'person'].includes(way);

/** The state after the answer and the final one, as `unknown → succeeded`; one word if equal. */
export const pathOf = (first: string, end: string): string => (first === end ? end : `${first} → ${end}`);

/** The state sequences of a write under a fault. */
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
  // What shows only after a first look may be somebody else's.
  if (way === 'sighting' && fault === 'late-commit') return 'needs-review';
  if (commits(fault)) return 'succeeded';
  return way === 'sighting' ? 'needs-review' : 'rejected';
}

/** How a fault hits a read: its first call, or every one. */
export type Strikes = 'once' | 'always';

/** How a read may end, and after how many calls at the provider: `answered, 2 calls`. */
export const readEnds = (fault: FaultName, strikes: Strikes): string[] => {
  const ends = expected(fault, { isRead: true }).map(kind => readEnd(kind, fault, strikes));
  // The field is chosen anew for each call: the second answer may lack one that is not read.
  return [...new Set([...ends, ...(oneField.includes(fault) ? [told('answered', 2)] : [])])];
};

function readEnd(kind: Kind, fault: FaultName, strikes: Strikes): string {
  if (kind === 'done') return told('answered', 1);
  if (kind === 'refused') return told('refused', 1);
  if (kind === 'throttled') return told('503', 1);
  // A closed port cannot be opened between two calls; a new socket cannot be closed on reuse.
  const over = fault === 'keepalive-close' || (strikes === 'once' && fault !== 'port-closed');
  if (over) return told('answered', beforeTheCall.includes(fault) ? 1 : 2);
  if (beforeTheCall.includes(fault)) return told(kind === 'not-sent' ? '503' : '502', 0);
  return told(hanging.includes(fault) ? '504' : '502', 2);
}

/** The result of a read as text. */
export const told = (end: string, calls: number): string => `${end}, ${calls} call${calls === 1 ? '' : 's'}`;
