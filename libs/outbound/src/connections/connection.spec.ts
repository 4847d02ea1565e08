import { describe, expect, it } from 'vitest';
import { registry } from '#adapters';
import { laneOf } from './connection.js';

describe('the lane of a connection', () => {
  const { adapter } = registry['uds']!;

  it('keeps the law of its provider', () => {
    const lane = laneOf(adapter, { lane: 'one', requestsPerSecond: null });
    expect(lane).toEqual({ fingerprint: 'one', requests: 5, perMs: 1_000 });
  });

  it('remembers as much as its neighbours need where it chose a slower rate, and is never faster', () => {
    const slower = laneOf(adapter, { lane: 'one', requestsPerSecond: 2 });
    expect(slower).toEqual({ fingerprint: 'one', requests: 2, perMs: 1_000, most: 5 });
    expect(laneOf(adapter, { lane: 'one', requestsPerSecond: 9 }).requests).toBe(5);
  });
});
