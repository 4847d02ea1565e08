import { describe, expect, it } from 'vitest';
import { MAX_RETRY_AFTER_MS, readRetryAfterMs } from './retry-after.js';

const now = new Date('2026-11-21T10:00:00Z');

describe('the Retry-After of a receiver', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['999999', MAX_RETRY_AFTER_MS],
    ['9'.repeat(400), MAX_RETRY_AFTER_MS],
    ['soon', 0],
    ['', 0],
    [undefined, 0],
  ])('%s is %i ms', (header, ms) => {
    expect(readRetryAfterMs(header, now)).toBe(ms);
  });
});
