import { describe, expect, it } from 'vitest';
import { Refusal, retryClasses } from '#canonical';
import { decide } from './retry.js';
import type { AttemptOutcome, AttemptContext } from './retry.js';

const refusal = new Refusal('provider-rejected');
const attempts: AttemptOutcome[] = [
  { kind: 'done', result: {} },
  { kind: 'refused', refusal },
  { kind: 'not-sent', reason: 'refused connection' },
  { kind: 'throttled', retryAfterMs: 1_000 },
  { kind: 'no-slot', retryAfterMs: 200 },
  { kind: 'unanswered', reason: 'reset' },
];
const yesNo = [true, false];
const standings: AttemptContext[] = retryClasses.flatMap(retryClass =>
  yesNo.flatMap(reconcilable =>
    yesNo.flatMap(wrote =>
      yesNo.flatMap(doubtful =>
        yesNo.flatMap(doubts429 =>
          [1, 5, 10].map(attempts => ({ retryClass, reconcilable, wrote, doubtful, doubts429, attempts })),
        ),
      ),
    ),
  ),
);
const cases = attempts.flatMap(attempt => standings.map(standing => ({ attempt, standing })));

describe('what follows from an attempt', () => {
  it('is never "rejected" where the effect may stand already', () => {
    for (const { attempt, standing } of cases)
      if (standing.doubtful || standing.wrote)
        expect(decide(attempt, standing).next, JSON.stringify({ attempt, standing })).not.toBe('rejected');
  });

  it('is "rejected" after a no to what was never sent before', () => {
    for (const standing of standings)
      if (!standing.doubtful && !standing.wrote)
        expect(decide({ kind: 'refused', refusal }, standing)).toEqual({ next: 'rejected', refusal });
  });

  it('is a repeat after silence only where a repeat is safe and proves most, or nothing had left', () => {
    for (const standing of standings) {
      const { next } = decide({ kind: 'unanswered', reason: 'reset' }, standing);
      const { retryClass, reconcilable } = standing;
      const safe = retryClass === 'absolute' || (retryClass === 'keyed' && !reconcilable);
      const left = standing.wrote || standing.doubtful;
      expect(next).toBe(left && !(safe && standing.attempts < 10) ? 'unknown' : 'queued');
    }
  });

  it('is in doubt after a 429 that proves nothing, unless a repeat is safe', () => {
    for (const standing of standings) {
      const safe = ['keyed', 'absolute'].includes(standing.retryClass);
      const decision = decide({ kind: 'throttled', retryAfterMs: 1_000 }, standing);
      const doubtful = standing.doubtful || (standing.doubts429 && !safe);
      expect(decision).toEqual({ next: 'queued', waitMs: 1_000, reason: 'throttled', doubtful });
    }
  });

  it('keeps the doubt of an earlier sending through every pause', () => {
    for (const { attempt, standing } of cases) {
      const decision = decide(attempt, standing);
      if (decision.next === 'queued' && standing.doubtful) expect(decision.doubtful).toBe(true);
    }
  });
});
