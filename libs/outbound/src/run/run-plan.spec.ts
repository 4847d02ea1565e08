import { describe, expect, it } from 'vitest';
import { Unreadable } from '#adapter-kit';
import type { Unanswered } from '#adapter-kit';
import { unansweredRefusal } from '../reads/unanswered-refusal.js';
import { asPlan, runPlan } from './run-plan.js';
import type { ExchangeOutcome } from '../calls/exchange.js';

const connection = { adapter: { name: 'uds', title: 'UDS' } } as never;
const one = { name: 'anything' } as never;

/** What a read's caller is told when its one exchange came to this. */
async function told(made: ExchangeOutcome): Promise<string> {
  const end = await runPlan(asPlan(one, {}, { settings: {}, now: new Date() }), async () => made);
  if (end.kind !== 'unanswered') throw new Error(end.kind);
  return unansweredRefusal(connection, end).code;
}

describe('an answer that cannot be used', () => {
  it.each([
    ['came whole against the document', { reason: 'body: has more than 50 pages', unreadable: true }],
    ['came as a page', { reason: 'an HTML page with status 200', unreadable: true }],
  ])('%s: the provider breaks its contract', async (_, made) => {
    expect(await told({ kind: 'unanswered', ...made })).toBe('provider-contract-violation');
  });

  it.each([
    ['broke off', 'provider-error', { reason: 'The answer broke off.' }],
    ['speaks of time', 'provider-error', { reason: 'Nothing was found within 300 ms.' }],
    ['is late', 'provider-timeout', { reason: 'No complete answer arrived.', overdue: true }],
  ])('%s: %s', async (_, code, made) => {
    expect(await told({ kind: 'unanswered', ...made })).toBe(code);
  });

  it('tells a plan its status: a page with 404 may mean that there is no such call', async () => {
    const plan = (function* () {
      try {
        yield { exchange: one, ask: {} };
      } catch (error) {
        return (error as Unanswered).why;
      }
      return undefined;
    })();
    const page = {
      kind: 'unanswered',
      reason: 'a page',
      unreadable: true,
      status: 404,
      noCall: true,
    } as const;
    const end = await runPlan(plan as never, async () => page);
    expect(end).toEqual({ kind: 'done', result: { unreadable: true, status: 404, noCall: true } });
  });

  it('is told the same when it is a plan that cannot read on', async () => {
    const plan = (function* () {
      yield { exchange: one, ask: {} };
      throw new Unreadable('', 'has more than 50 pages');
    })();
    const end = await runPlan(plan as never, async () => ({ kind: 'done', result: {} }));
    expect(end).toEqual({ kind: 'unanswered', reason: 'body: has more than 50 pages', unreadable: true });
  });
});
