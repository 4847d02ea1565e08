import { afterEach, expect, it, vi } from 'vitest';
import { Refusal } from '#canonical';
import type { Core } from '../core/core.js';
import type { OpenConnection } from '../connections/connection.js';
import { read } from '../reads/read.js';
import { resolveWho } from '../reads/resolve-who.js';
import { holderOf } from './reserved-points.js';

vi.mock('../reads/read.js');
vi.mock('../reads/resolve-who.js');
afterEach(() => vi.useRealTimers());

const core = {
  database: {},
  stores: { customers: { upsert: async () => 'cus_1' } },
} as unknown as Core;
const connection = { adapter: { operations: { createHold: { support: 'native' } } } } as OpenConnection;

it('asks for somebody whose code has ended within the one wait of the caller', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const subject = { identifier: { type: 'code', value: '000123' }, refs: { uid: 'u1' } } as const;
  vi.mocked(resolveWho).mockResolvedValue({ subject, lock: 'l' });
  const waits: number[] = [];
  vi.mocked(read).mockImplementation(async (_core, _connection, kind, _ask, { waitMs }) => {
    waits.push(waitMs);
    vi.advanceTimersByTime(600);
    if (kind === 'lookupCustomer') throw new Refusal('customer-not-found');
    return { providerRefs: subject.refs, balancePoints: '1' } as never;
  });
  await holderOf(core, connection, {}, 1_000);
  expect(waits).toEqual([1_000, 400]);
});
