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

/** What is known of the effect at the provider. */
export const outcomes = ['not-executed', 'executed', 'unknown'] as const;
/** One of `outcomes`. */
export type Outcome = (typeof outcomes)[number];

/** How well the outcome is proved: proof is the provider's own answer, weak is a moved balance. */
export const evidences = ['proof', 'strong', 'weak', 'none'] as const;
/** One of `evidences`. */
export type Evidence = (typeof evidences)[number];

/** What may be done after a lost answer; declared per provider call, never derived from the HTTP method. */
export const retryClasses = ['read', 'keyed', 'absolute', 'reconcilable', 'unsafe'] as const;
/** One of `retryClasses`. */
export type RetryClass = (typeof retryClasses)[number];

/** States of a hold; consumed and released are terminal, and so is expired where no purchase names the hold. */
export const holdStates = ['active', 'consumed', 'released', 'expired', 'doubtful'] as const;
/** One of `holdStates`. */
export type HoldState = (typeof holdStates)[number];

/** All allowed transitions of each state. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/**
 * Steps of an operation. Back to `queued` only when nothing was sent or a repeat is safe; `unknown` is left by
 * reconciliation or by a person, `needs-review` by a person alone.
 */
export const operationTransitions: Transitions<OperationState> = {
  queued: ['dispatching', 'cancelled', 'expired'],
  dispatching: ['queued', 'succeeded', 'rejected', 'unknown'],
  unknown: ['succeeded', 'rejected', 'needs-review'],
  'needs-review': ['succeeded', 'rejected'],
  succeeded: [],
  rejected: [],
  cancelled: [],
  expired: [],
};

/** States in which an operation begins. */
export const initialOperationStates: readonly OperationState[] = ['queued'];

/**
 * Steps of a hold. `doubtful` = the answer to its creation or to a purchase that names it was lost, or a purchase may
 * have made the provider drop it. It returns to `active` when that call turns out not to have been executed, or when
 * the provider says that it stands: the points are then still reserved, and saying anything else would let the till
 * give them out twice. `expired` also when the provider dropped it. Time ends both, whatever is known: that the purchase
 * which names it had used it up before may become known later, and is told then.
 */
export const holdTransitions: Transitions<HoldState> = {
  active: ['consumed', 'released', 'expired', 'doubtful'],
  doubtful: ['active', 'consumed', 'released', 'expired'],
  consumed: [],
  released: [],
  expired: ['consumed'],
};

/** States in which a hold begins: `doubtful` when the answer to its creation was lost. */
export const initialHoldStates: readonly HoldState[] = ['active', 'doubtful'];

/** Says whether the table allows the step. */
export function canMove<State extends string>(table: Transitions<State>, from: State, to: State): boolean {
  return table[from].includes(to);
}

/** The states from which `to` can be reached in one step: the condition of a conditional UPDATE. */
export function statesBefore<State extends string>(table: Transitions<State>, to: State): State[] {
  return (Object.keys(table) as State[]).filter(from => table[from].includes(to));
}

/** Says whether nothing can follow. */
export function isTerminal<State extends string>(table: Transitions<State>, state: State): boolean {
  return table[state].length === 0;
}

/** The terminal states of an operation. */
export const terminalStates: readonly OperationState[] = operationStates.filter(state =>
  isTerminal(operationTransitions, state),
);

/** The outcome that a state proves; `unknown` while it can still change, so that no client takes "not yet" for "no". */
export function outcomeOf(state: OperationState): Outcome {
  if (state === 'succeeded') return 'executed';
  return isTerminal(operationTransitions, state) ? 'not-executed' : 'unknown';
}

/** States of a connection: degraded = its lane is paused or its provider fails; invalid = the credentials are refused. */
export const connectionStates = ['callable', 'degraded', 'paused', 'invalid'] as const;
/** One of `connectionStates`. */
export type ConnectionState = (typeof connectionStates)[number];

/** Statuses of a payout; `other` is a provider's word that we do not know. */
export const payoutStatuses = ['pending', 'paid', 'rejected', 'cancelled', 'other'] as const;
/** One of `payoutStatuses`. */
export type PayoutStatus = (typeof payoutStatuses)[number];

/** Statuses of a lead; `other` is a provider's word that we do not know. */
export const leadStatuses = ['new', 'processed', 'converted', 'rejected', 'other'] as const;
/** One of `leadStatuses`. */
export type LeadStatus = (typeof leadStatuses)[number];

/** Statuses of a conversion; reversed = accrued once and taken back by the provider. */
export const conversionStatuses = ['pending', 'approved', 'reversed'] as const;
/** One of `conversionStatuses`. */
export type ConversionStatus = (typeof conversionStatuses)[number];
