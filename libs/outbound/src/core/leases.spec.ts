import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Leases } from './leases.js';

const claim = { id: 'opr_1', fence: 3 };
const renew = vi.fn();
const log = vi.fn();
let leases: Leases;

beforeEach(() => {
  vi.useFakeTimers();
  renew.mockReset().mockResolvedValue(undefined);
  log.mockReset();
  leases = new Leases(renew, log);
});
afterEach(() => {
  leases.close();
  vi.useRealTimers();
});

it('renews what is worked on once a second, and nothing that ends before', async () => {
  leases.keep(claim);
  leases.keep({ id: 'opr_2', fence: 1 });
  leases.drop({ id: 'opr_2', fence: 1 });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(renew.mock.calls).toEqual([[[claim]], [[claim]], [[claim]]]);
});

it('does not renew a row for ever', async () => {
  leases.keep(claim);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(19);
});

it('keeps the later claim when the work under an earlier one ends', async () => {
  leases.keep(claim);
  leases.keep({ ...claim, fence: 4 });
  leases.drop(claim);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(renew).toHaveBeenCalledExactlyOnceWith([{ ...claim, fence: 4 }]);
});

it('tries again where the store is away', async () => {
  renew.mockRejectedValueOnce(new Error('away'));
  leases.keep(claim);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(log).toHaveBeenCalledExactlyOnceWith('warn', 'leases could not be renewed', {
    rows: 1,
    error: 'Error: away',
  });
  expect(renew).toHaveBeenCalledTimes(2);
});

it('goes on while one statement hangs, and not while two do', async () => {
  const hangs = new Promise(() => undefined);
  renew.mockReturnValueOnce(hangs);
  leases.keep(claim);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(renew).toHaveBeenCalledTimes(5);
  renew.mockReturnValueOnce(hangs);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(renew).toHaveBeenCalledTimes(6);
});
