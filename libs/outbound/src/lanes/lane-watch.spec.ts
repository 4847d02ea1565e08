import { expect, it, vi } from 'vitest';
import type { Core } from '../core/core.js';
import { enterLane, LaneWatch } from './lane-watch.js';
import type { Lane, LaneClass } from './lanes.js';

const lane: Lane = { fingerprint: 'lane-of-reports', requests: 5, perMs: 1_000 };

/** A lane that lets nobody in: what is told then was told without waiting. */
const full = (): Core =>
  ({
    laneWatch: new LaneWatch(),
    lanes: { enter: () => new Promise(() => undefined) },
    database: { transaction: () => Promise.resolve() },
    background: { run: () => undefined },
  }) as unknown as Core;

const stands = (core: Core, laneClass: LaneClass, operationId?: string): void =>
  void enterLane(core, lane, { laneClass, laneBudgetMs: 10_000, operationId });

it('turns a report away at once when those before it take longer than its caller waits', async () => {
  const core = full();
  for (let nth = 0; nth < 6; nth++) stands(core, 'bulk');
  const told = await enterLane(core, lane, { laneClass: 'bulk', laneBudgetMs: 1_000 });
  expect(told).toEqual({ granted: false, retryAfterMs: 1_500 });
});

it.each([
  ['a report whose turn may still come', 'bulk', 5, 'bulk'],
  ['a person, behind whom reports stand', 'interactive', 20, 'bulk'],
  ['a report behind people, whom the store counts', 'bulk', 20, 'interactive'],
] as const)('lets %s stand', (_who, laneClass, count, before) => {
  const core = full();
  for (let nth = 0; nth < count; nth++) stands(core, before);
  void enterLane(core, lane, { laneClass, laneBudgetMs: 1_000 });
  expect(core.laneWatch.standing(lane.fingerprint)[laneClass]).toBe(laneClass === before ? count + 1 : 1);
});

it('does not count those whose row waits for them', () => {
  const core = full();
  for (let nth = 0; nth < 20; nth++) stands(core, 'bulk', `opr_${nth}`);
  stands(core, 'bulk');
  expect(core.laneWatch.standing(lane.fingerprint).bulk).toBe(1);
});

it('lets so many look-ups of a lane begin as use it, and another one for each that ended', () => {
  const watch = new LaneWatch();
  const begin = () => watch.look(lane.fingerprint);
  const ends = Array.from({ length: 10 }, begin);
  expect(ends).not.toContain(undefined);
  expect([begin(), watch.look('another')]).toEqual([undefined, expect.any(Function)]);
  ends[0]!();
  expect([begin(), begin()]).toEqual([expect.any(Function), undefined]);
});

it('begins nothing any more once the stop of its process is under way, and gives back the start that came', async () => {
  const slot = { granted: true, fingerprint: lane.fingerprint };
  const giveBack = vi.fn();
  const core = { ...full(), lanes: { enter: async () => slot, giveBack } } as unknown as Core;
  const enter = () =>
    enterLane(core, lane, { laneClass: 'write', laneBudgetMs: 1_000, operationId: 'opr_1' });
  core.laneWatch.closeIn(60_000);
  expect(await enter()).toBe(slot);
  core.laneWatch.closeIn(0);
  expect(await enter()).toEqual({ granted: false, retryAfterMs: 2_000 });
  expect(giveBack.mock.calls).toEqual([[slot]]);
});
