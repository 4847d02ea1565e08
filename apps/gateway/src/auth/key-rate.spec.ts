import { describe, expect, it } from 'vitest';
import { KeyRate } from './key-rate.js';

describe('a key’s rate', () => {
  it('allows a burst of one second, then the rate, and never accumulates more', () => {
    let now = 0;
    const rate = new KeyRate(10, () => now);
    const taken = () => {
      let count = 0;
      try {
        for (;;) {
          rate.take('key_a');
          count++;
        }
      } catch {
        return count;
      }
    };
    expect(taken()).toBe(10);
    now = 300;
    expect(taken()).toBe(3);
    now = 60_000;
    expect(taken()).toBe(10);
    expect(rate.take('key_b')).toEqual({ limit: 10, left: 9 });
  });
});
