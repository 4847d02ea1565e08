import { expect, it } from 'vitest';
import { LaneAsker } from './lane-asker.js';
import type { LaneReply, LaneStore } from './lane-store.js';
import type { Lane } from './lanes.js';
import type { LaneTerms } from './lane-rules.js';

const lane: Lane = { fingerprint: 'any', requests: 5, perMs: 1_000 };
const HOUR_US = 3_600_000_000;

/** A store with a clock that may be set, which gives a start at once to whom it answers in time. */
function storeOf(clock: { aheadUs: number }) {
  const questions: LaneTerms[] = [];
  const ask = async (_: string, terms: LaneTerms): Promise<LaneReply> => {
    questions.push(terms);
    const sentAt = performance.now();
    const at = Math.round(sentAt * 1_000) + clock.aheadUs;
    const granted = at <= terms.notAfter;
    return { granted, waitUs: 0, stamp: granted ? at : 0, freeUs: 0, backUs: 0, used: 1, at, sentAt };
  };
  return { questions, store: { atOnce: 1, ask } as unknown as LaneStore };
}

it.each([
  ['forward', HOUR_US],
  ['back', -HOUR_US],
])('gets its starts though the clock of the store is set %s by an hour', async (_, jumpUs) => {
  const clock = { aheadUs: 10 * HOUR_US };
  const { store, questions } = storeOf(clock);
  const asker = new LaneAsker(store, 20_000);
  const start = () => asker.ask(lane, { cls: 'interactive', deadline: performance.now() + 60_000 });
  await start();
  clock.aheadUs += jumpUs;
  await start();
  await start();
  const last = questions.at(-1)!;
  const shows = performance.now() * 1_000 + clock.aheadUs;
  expect(last.notAfter).toBeLessThanOrEqual(shows + 20_000_000);
  // Nobody is kept waiting for more than one needless question.
  expect(questions.filter(({ notAfter }) => notAfter < shows - 30_000_000).length).toBeLessThanOrEqual(1);
});
