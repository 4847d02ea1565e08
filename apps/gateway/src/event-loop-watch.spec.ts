import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchEventLoop } from './event-loop-watch.js';

const looks: number[] = [];
const loadShedder = { noteLag: (ms: number) => looks.push(ms) };

beforeEach(() => {
  looks.length = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
});
afterEach(() => vi.useRealTimers());

/** Watches a Postgres whose connections are given when the test says so. */
function watch() {
  const given: ((ms: number) => void)[] = [];
  const database = { waited: () => new Promise<number>(resolve => given.push(resolve)) };
  watchEventLoop({ loadShedder, database } as never);
  return given;
}

it('counts a caller that still waits for a connection as late for the whole wait', async () => {
  const given = watch();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(given).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(given).toHaveLength(1);
  expect(looks.at(-1)).toBeGreaterThanOrEqual(3_000);
});

it('goes by the last who waited, and sends the next one to wait', async () => {
  const given = watch();
  await vi.advanceTimersByTimeAsync(1_000);
  given[0]!(90_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(looks.at(-1)).toBe(90_000);
  given[1]!(5);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(looks.at(-1)).toBeLessThan(90_000);
});
