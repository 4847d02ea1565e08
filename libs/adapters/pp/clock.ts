/** The times of rows are local to the site, whose offset from UTC is unknown: this is the largest one on Earth, in milliseconds. */
export const WIDEST_OFFSET_MS = 14 * 3_600_000;

/** A day in milliseconds. */
export const DAY_MS = 24 * 3_600_000;
