import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OwnersGrace } from './owners-grace.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const after = (ms: number) => () => new Promise<void>(resolve => setTimeout(resolve, ms));

it('gives the owners no time while Postgres answers', async () => {
  const grace = new OwnersGrace();
  const read = grace.during(after(100));
  await vi.advanceTimersByTimeAsync(100);
  await read;
  expect(grace.isOn).toBe(false);
});

it('gives them five seconds after Postgres stood still, though the read did not fail', async () => {
  const grace = new OwnersGrace();
  const read = grace.during(after(4_000));
  await vi.advanceTimersByTimeAsync(4_000);
  await read;
  const quick = grace.during(after(0));
  await vi.advanceTimersByTimeAsync(4_900);
  await quick;
  expect(grace.isOn).toBe(true);
  await vi.advanceTimersByTimeAsync(200);
  expect(grace.isOn).toBe(false);
});
