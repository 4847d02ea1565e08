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

/** How long a row belongs to the process that claimed it, in milliseconds: longer than any one call, connection included. */
export const LEASE_MS = WRITE_MS + 4_000;

/** The same for the process that looks what became of a lost answer, in milliseconds: it keeps the row between its requests as well, each of which may wait for seconds in its lane. */
export const PROBE_LEASE_MS = LEASE_MS * 2;
