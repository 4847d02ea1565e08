import { Refusal } from '#canonical';
import { describe, expect, it } from 'vitest';
import { defineExchange, Unanswered, Unreadable } from './exchange.js';
import { ifRefused, send, sendAnew, sendAside, sendIfUnmoved, unlessFailed, unlessRefused } from './plan.js';
import type { PlanRun } from './plan.js';

const exchange = defineExchange<string, string>({
  name: 'greet',
  call: 'GET /greeting',
  retryClass: 'read',
  request: () => ({ method: 'GET', path: '/greeting' }),
  read: () => 'hello',
});
const refused = new Refusal('customer-not-found');
const failures = [refused, new Unanswered('lost'), new Unreadable('/id', 'is missing')];
const bug = new TypeError('x is not a function');

/** The plan, once what it sends has ended like this. */
function ended<Result>(plan: PlanRun<Result>, how: unknown): Result {
  plan.next();
  const turn = how instanceof Error ? plan.throw(how) : plan.next(how);
  expect(turn.done).toBe(true);
  return turn.value as Result;
}

it.each([
  { sends: send, how: {} },
  { sends: sendAnew, how: { anew: true } },
  { sends: sendAside, how: { aside: true } },
  { sends: sendIfUnmoved, how: { ifUnmoved: true } },
])('an exchange is sent as asked: $how', ({ sends, how }) => {
  expect(sends(exchange, 'x').next().value).toEqual({ exchange, ask: 'x', ...how });
});

describe('unlessFailed', () => {
  const plan = () => unlessFailed(send(exchange, 'x'));

  it('returns the result, and nothing for whatever became of an exchange', () => {
    expect(ended(plan(), 'hello')).toBe('hello');
    for (const failure of failures) expect(ended(plan(), failure)).toBeUndefined();
  });

  it('does not hide a bug', () => {
    expect(() => ended(plan(), bug)).toThrow(bug);
  });
});

describe('unlessRefused', () => {
  const plan = () => unlessRefused(send(exchange, 'x'), 'customer-not-found');

  it('returns the result, and nothing for that refusal alone', () => {
    expect(ended(plan(), 'hello')).toBe('hello');
    expect(ended(plan(), refused)).toBeUndefined();
    for (const other of [...failures.slice(1), new Refusal('customer-blocked'), bug])
      expect(() => ended(plan(), other)).toThrow(other);
  });
});

describe('ifRefused', () => {
  const other = new Refusal('customer-blocked');
  const plan = (look: (refusal: Refusal) => Refusal | undefined) =>
    // oxlint-disable-next-line require-yield -- this one looks at nothing
    ifRefused(send(exchange, 'x'), function* (refusal) {
      return look(refusal);
    });

  it('looks at a refusal, and tells that or the one it found', () => {
    expect(() =>
      ended(
        plan(() => undefined),
        refused,
      ),
    ).toThrow(refused);
    expect(() =>
      ended(
        plan(() => other),
        refused,
      ),
    ).toThrow(other);
    const doubt = new Unanswered('it may have been done');
    const doubting = plan(() => {
      throw doubt;
    });
    expect(() => ended(doubting, refused)).toThrow(doubt);
  });

  it('looks at nothing else', () => {
    const never = () => expect.unreachable();
    expect(ended(plan(never), 'hello')).toBe('hello');
    for (const failure of [...failures.slice(1), bug])
      expect(() => ended(plan(never), failure)).toThrow(failure);
  });
});
