import { describe, expect, it } from 'vitest';
import { readPrefer } from './prefer.js';

describe('Prefer', () => {
  it.each([
    [undefined, 4_000],
    ['', 4_000],
    ['wait=0', 0],
    ['wait=25', 25_000],
    ['Wait = "10"', 10_000],
    ['respond-async', 0],
    ['respond-async, wait=3', 3_000],
    ['wait=3; foo=bar, wait=9', 3_000],
    ['return=minimal', 4_000],
    [['handling=strict', 'wait=2'], 2_000],
    ['wait=26', 25_000],
    ['wait=9999999999', 25_000],
    ['wait', 4_000],
    ['wait=', 4_000],
    ['wait=1.5', 4_000],
    ['wait=-1', 4_000],
    ['wait=soon, respond-async', 0],
    ['wait=soon, wait=3', 3_000],
  ])('%j means %d ms', (header, ms) => {
    expect(readPrefer(header)).toBe(ms);
  });
});
