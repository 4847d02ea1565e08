/** How long a read may take after its start, in milliseconds (contract, 5). */
export const READ_MS = 3_000;

/** How long a write may take after its start, in milliseconds; usually longer than its caller waits. */
export const WRITE_MS = 8_000;

/** How long after its stop began a process begins calls, in milliseconds: it has ten seconds, and a read takes three. A write that takes longer is cut off, and looked up. */
export const LAST_START_MS = 6_500;

/** How long a call that missed its start waits for a new one, in milliseconds. */
export const LATE_START_MS = 1_000;

/** After how long without an answer that is due a connection to Redis or Postgres counts as lost, in milliseconds: TCP alone would take minutes to notice. Longer than a process is ever busy, which would take its own pause for the store's silence. */
export const STORE_SILENCE_MS = 5_000;

/** How long a row belongs to the process that claimed it unless that renews it (`Leases`), in milliseconds: after so long without, its process counts as dead. */
export const LEASE_MS = 5_000;

/** How often the rows of a process that works on them are renewed, in milliseconds. */
export const RENEW_EVERY_MS = 1_000;

/** For how long they are, in milliseconds: longer than any one call, with its turn in the lane before and the repeats of the statement that settles it. */
export const KEPT_MS = 20_000;

/** How long after its claim a request may still leave, in milliseconds: a process that was stopped in between may wake up when the row is another's. */
export const START_WITHIN_MS = LEASE_MS - 1_000;
