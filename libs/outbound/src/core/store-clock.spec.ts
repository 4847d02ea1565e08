import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import { createCore } from './create-core.js';
import { StoreClock } from './store-clock.js';

const MINUTE = 60_000;
/** Far more than a busy machine takes for an answer, far less than the clocks are apart. */
const NEAR = MINUTE;

describe('the clock of a process', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() }));
  afterEach(() => void vi.useRealTimers());

  /** A Postgres that is so far ahead (ms), and takes so long to say so. */
  const clockOf = (store: { aheadMs: number; takesMs?: number; away?: boolean }) => {
    const told: number[] = [];
    const ask = async () => {
      if (store.away) throw new Error('Postgres is away');
      const at = new Date(Date.now() + store.aheadMs);
      vi.advanceTimersByTime(store.takesMs ?? 0);
      return at;
    };
    return { told, clock: new StoreClock({ ask, moved: ms => told.push(ms) }) };
  };
  const ahead = (clock: StoreClock) => clock.now().getTime() - Date.now();

  it('is Postgres’s where the two disagree, in either direction', async () => {
    for (const aheadMs of [10 * MINUTE, -10 * MINUTE]) {
      const { clock, told } = clockOf({ aheadMs });
      await clock.look();
      expect(ahead(clock)).toBe(aheadMs);
      expect(told).toEqual([aheadMs]);
    }
  });

  it('stays its own where a slow answer explains the difference', async () => {
    const { clock, told } = clockOf({ aheadMs: 0, takesMs: 5_000 });
    await clock.look();
    expect(ahead(clock)).toBe(0);
    expect(told).toEqual([]);
  });

  it('follows when the clocks are set right, and keeps what it knows while Postgres is away', async () => {
    const store = { aheadMs: MINUTE, away: false };
    const { clock, told } = clockOf(store);
    await clock.look();
    store.away = true;
    await expect(clock.look()).rejects.toThrow('away');
    expect(ahead(clock)).toBe(MINUTE);
    Object.assign(store, { away: false, aheadMs: 0 });
    await clock.look();
    expect(ahead(clock)).toBe(0);
    expect(told).toEqual([MINUTE, 0]);
  });

  it('is not moved by a step of the host’s clock between two looks, and looks at once', async () => {
    const store = { aheadMs: 0 };
    const { clock, told } = clockOf(store);
    await clock.look();
    for (const step of [60 * MINUTE, -90 * MINUTE]) {
      vi.advanceTimersByTime(MINUTE / 2);
      const before = Date.now() + store.aheadMs;
      vi.setSystemTime(Date.now() + step);
      store.aheadMs -= step;
      expect(clock.now().getTime()).toBe(before);
      expect(clock.now().getTime()).toBe(before);
      await new Promise(setImmediate);
      expect(told.at(-1)).toBe(store.aheadMs);
      expect(clock.now().getTime()).toBe(before);
    }
    expect(told).toHaveLength(2);
  });

  it('is Postgres’s for all that the gateway decides by time', async () => {
    const database = await createTestDatabase();
    vi.setSystemTime(Date.now() + 10 * MINUTE);
    const said: string[] = [];
    const open = await createCore({
      databaseUrl: database.url,
      masterKey: randomBytes(32),
      egressAllow: [],
      laneTimeoutMs: 20_000,
      log: (_level, message) => said.push(message),
    });
    try {
      const { core } = open;
      const postgres = await core.database.clock();
      expect(Math.abs(core.now().getTime() - postgres.getTime())).toBeLessThan(NEAR);
      expect(said).toEqual(['the clocks of this host and of Postgres disagree; Postgres’s counts']);
    } finally {
      await open.close();
      await database.drop();
    }
  });
});
