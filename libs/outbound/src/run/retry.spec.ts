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
        [1, 5, 10].map(count => ({ retryClass, reconcilable, wrote, doubtful, attempts: count })),
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

  it('is a repeat after silence only where a repeat is safe, or nothing had left', () => {
    for (const standing of standings) {
      const { next } = decide({ kind: 'unanswered', reason: 'reset' }, standing);
      const safe = ['keyed', 'absolute'].includes(standing.retryClass) && !standing.reconcilable;
      const left = standing.wrote || standing.doubtful;
      expect(next).toBe(left && !(safe && standing.attempts < 10) ? 'unknown' : 'queued');
    }
  });

  it('keeps the doubt of an earlier sending through every pause', () => {
    for (const { attempt, standing } of cases) {
      const decision = decide(attempt, standing);
      if (decision.next === 'queued' && standing.doubtful) expect(decision.doubtful).toBe(true);
    }
  });
});
