/** States of an operation; succeeded, rejected, cancelled and expired are terminal. */
export const operationStates = [
  'queued',
  'dispatching',
  'succeeded',
  'rejected',
  'unknown',
  'needs-review',
  'cancelled',
  'expired',
] as const;
/** One of `operationStates`. */
export type OperationState = (typeof operationStates)[number];

/** The field that holds one of `operationStates`. */
export const operationStateField = {
  name: 'OperationState',
  description:
    '`queued` = to be sent; `dispatching` = being sent; `unknown` = the answer was lost and is looked up; `needs-review` = a person has to decide. Final are `succeeded`, `rejected` (refused, or not executed), `cancelled` (withdrawn) and `expired` (not sent in time).',
} as const;

/** What is known of the effect at the provider. */
export const outcomes = ['not-executed', 'executed', 'unknown'] as const;
/** One of `outcomes`. */
export type Outcome = (typeof outcomes)[number];

/** The field that holds one of `outcomes`. */
export const outcomeField = {
  name: 'Outcome',
  description: 'Whether the effect happened at the provider; `unknown` = not known yet.',
} as const;

/** How well the outcome is proven. */
export const evidences = ['proof', 'strong', 'weak', 'none'] as const;
/** One of `evidences`. */
export type Evidence = (typeof evidences)[number];

/** What may be done after a lost answer; declared per provider call, never derived from the HTTP method. */
export const retryClasses = ['read', 'keyed', 'absolute', 'reconcilable', 'unsafe'] as const;
/** One of `retryClasses`. */
export type RetryClass = (typeof retryClasses)[number];

/** The field that holds one of `retryClasses`. */
export const retryClassField = {
  name: 'RetryClass',
  description:
    'What is done after a lost answer: `read`, `absolute` = repeated; `keyed` = repeated with the same idempotency key; `reconcilable` = looked up before any repeat; `unsafe` = never repeated.',
} as const;

/** States of a hold; consumed and released are terminal, and so is expired if no purchase names the hold. */
export const holdStates = ['active', 'consumed', 'released', 'expired', 'doubtful'] as const;
/** One of `holdStates`. */
export type HoldState = (typeof holdStates)[number];

/** All allowed transitions of each state. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/**
 * Transitions of an operation. Back to `queued` only when nothing was sent or a repeat is safe; `unknown` is left by
 * reconciliation or by a person, `needs-review` by a person alone. What cannot be looked up goes to `needs-review` at once.
 */
export const operationTransitions: Transitions<OperationState> = {
  queued: ['dispatching', 'cancelled', 'expired'],
  dispatching: ['queued', 'succeeded', 'rejected', 'unknown', 'needs-review'],
  unknown: ['succeeded', 'rejected', 'needs-review'],
  'needs-review': ['succeeded', 'rejected'],
  succeeded: [],
  rejected: [],
  cancelled: [],
  expired: [],
};

/**
 * Transitions of a hold. `doubtful` = the answer to its creation, to its release or to a purchase that names it was lost, or a
 * purchase may have made the provider drop it. It returns to `active` when that call turns out not to have been executed, or when
 * the provider says that it still exists: the points are then still reserved, and any other state would let the till
 * spend them twice. `expired` also when the provider dropped it. Both end at their time, whatever is known: if it
 * turns out later that the purchase which names it had used it, the state changes then.
 */
export const holdTransitions: Transitions<HoldState> = {
  active: ['consumed', 'released', 'expired', 'doubtful'],
  doubtful: ['active', 'consumed', 'released', 'expired'],
  consumed: [],
  released: [],
  expired: ['consumed'],
};

/** Whether the state is terminal. */
export function isTerminal<State extends string>(table: Transitions<State>, state: State): boolean {
  return table[state].length === 0;
}

/** The terminal states of an operation. */
export const terminalStates: readonly OperationState[] = operationStates.filter(state =>
  isTerminal(operationTransitions, state),
);

/** The outcome that a state proves; `unknown` while it can still change, so that no client mistakes "not yet" for "no". */
export function outcomeOf(state: OperationState): Outcome {
  if (state === 'succeeded') return 'executed';
  return isTerminal(operationTransitions, state) ? 'not-executed' : 'unknown';
}

/** States of a connection. */
export const connectionStates = ['callable', 'degraded', 'paused', 'invalid'] as const;
/** One of `connectionStates`. */
export type ConnectionState = (typeof connectionStates)[number];

/** Statuses of a payout; `other` = an unknown word of the provider. */
export const payoutStatuses = ['pending', 'paid', 'rejected', 'cancelled', 'other'] as const;
/** One of `payoutStatuses`. */
export type PayoutStatus = (typeof payoutStatuses)[number];

/** Statuses of a lead; `other` = an unknown word of the provider. */
export const leadStatuses = ['new', 'processed', 'converted', 'rejected', 'other'] as const;
/** One of `leadStatuses`. */
export type LeadStatus = (typeof leadStatuses)[number];

/** Statuses of a conversion; reversed = accrued and later taken back by the provider. */
export const conversionStatuses = ['pending', 'approved', 'reversed'] as const;
/** One of `conversionStatuses`. */
export type ConversionStatus = (typeof conversionStatuses)[number];
