/** SQL: how long after its last send a write whose answer was lost may still be executed. */
export const LATE = `interval '60 seconds'`;
