/** How long a read may take once its slot was given, in milliseconds (contract, 5). */
export const READ_MS = 3_000;

/** How long a write may take once its slot was given, in milliseconds; it outlives its caller's patience. */
export const WRITE_MS = 8_000;

/** How long a call waits for a new start, in milliseconds, when the one that it was given passed before it could leave. */
export const LATE_START_MS = 1_000;

/** How long a row belongs to the process that claimed it, in milliseconds: longer than any one call, connection included. */
export const LEASE_MS = WRITE_MS + 4_000;
