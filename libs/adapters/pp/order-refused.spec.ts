import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { PlanRun, ReconcileContext, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { SimulatedAnswer, Stage } from '#adapter-kit/testing';
import { money } from '#canonical';
import type { PayoutData } from '#canonical';
import { createPayout } from './create-payout.js';
import { requireOrderable } from './order-refused.js';
import { payoutList } from './payout-list.js';
import { pp } from './pp.adapter.js';
import { ppSimulator } from './simulator.js';
import type { PpOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const ask = { methodId: '1', account: 'U7654321' };

const stageOf = (options: PpOptions = {}): Stage => ({
  adapter: pp,
  factory: ppSimulator,
  simulator: ppSimulator.create(options),
  context: { settings: {}, now },
});

const order = (stage: Stage, steps = {}) =>
  play(stage, createPayout.run(ask, stage.context) as PlanRun<PayoutData>, steps);

describe('PP: the refusal of an order', () => {
  /** A proxy on the way repeats the POST: what comes back is the answer to the second one. */
  const repeating =
    (stage: Stage, text?: string): Stage['wire'] =>
    (answer, request) => {
      if (request.query.get('method') !== 'add_payout') return answer;
      const second = stage.simulator.handle(request);
      return text === undefined ? second : { ...second, body: { error: 1, error_text: text } };
    };

  it.each([
    undefined,
    'Minimum payout amount is 5 USD',
    'Сумма слишком мала',
    'На выбранную валюту запрещено выводить деньги',
  ])('is not believed from the second answer to a request that arrived twice: %s', text => {
    const stage = stageOf();
    const before = {};
    expect(() => order({ ...stage, wire: repeating(stage, text) }, before)).toThrow(Unanswered);
    const times = { firstSentAt: now, lastSentAt: now, repeats: 0, tries: 1 };
    const context: ReconcileContext = { ...stage.context, ...times, before, denied: true };
    // Whether it is ours or was ordered by hand at the same moment, a person has to decide.
    expect(play(stage, payoutList.run(ask, context) as PlanRun<Verdict<PayoutData>>)).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
      result: { providerRef: '312' },
    });
  });

  it.each([undefined, 'Minimum payout amount is 5 USD', 'Insufficient reserve'])(
    'is not believed if both reads after it are behind, and show enough money: %s',
    text => {
      const stage = stageOf();
      const reads: Record<string, SimulatedAnswer> = {};
      const repeated = repeating(stage, text);
      const wire: Stage['wire'] = (answer, request) => {
        const method = request.query.get('method')!;
        return method === 'add_payout' ? repeated!(answer, request) : (reads[method] ??= answer);
      };
      expect(() => order({ ...stage, wire })).toThrow(Unanswered);
    },
  );

  it.each(['ru', 'en'] as const)(
    'is believed if the site did not offer the method before it: %s',
    language => {
      const stage = stageOf({ language });
      const closed = { methodId: '4', account: 'P10203040' };
      expect(() => play(stage, createPayout.run(closed, stage.context))).toThrow(
        expect.objectContaining({ code: 'payout-method-unavailable' }),
      );
    },
  );

  it('is not believed for a method where the site does not tell its methods', () => {
    const stage = stageOf();
    const repeated = repeating(stage, 'На выбранную валюту запрещено выводить деньги');
    const wire: Stage['wire'] = (answer, request) =>
      request.query.get('method') === 'get_info'
        ? { ...answer, body: { error: 0, data: { balance: '40.5', min_payout: '5', items: {} } } }
        : repeated!(answer, request);
    expect(() => order({ ...stage, wire })).toThrow(Unanswered);
  });

  it('is not believed behind a 401 in words, if the order arrived twice', () => {
    const stage = stageOf();
    const repeated = repeating(stage, 'Access denied');
    const wire: Stage['wire'] = (answer, request) => {
      const second = repeated!(answer, request)!;
      return request.query.get('method') === 'add_payout' ? { ...second, status: 401 } : second;
    };
    expect(() => order({ ...stage, wire })).toThrow(Unanswered);
  });

  it.each([
    ['believed where it names its reason, though it asks to try later', 'Not enough money, try later', true],
    ['not believed where the balance cannot be read after it', 'Сумма слишком мала', false],
  ])('is %s', (_, error_text, isTold) => {
    const stage = stageOf({ minPayout: isTold ? '500' : '5' });
    let sent = false;
    const wire: Stage['wire'] = (answer, { query }) => {
      const method = query.get('method');
      if (method === 'add_payout') sent = true;
      // The order itself never arrives.
      if (method === 'add_payout') return { status: 200, body: { error: 1, error_text, payout_id: 0 } };
      if (method === 'get_payouts') return { ...answer, body: { error: 0, error_text: '' } };
      return sent ? { ...answer, body: { error: 0, data: { items: {} } } } : answer;
    };
    const told = expect.objectContaining({ code: 'payout-below-minimum' });
    expect(() => order({ ...stage, wire })).toThrow(isTold ? told : Unanswered);
  });

  it.each(['get_payouts', 'get_info'])('is believed if that explains it, and %s fails after it', method => {
    const stage = stageOf();
    const closed = { methodId: '4', account: 'P10203040' };
    let sent = false;
    const wire: Stage['wire'] = (answer, { query }) => {
      const name = query.get('method');
      sent ||= name === 'add_payout';
      return sent && name === method ? undefined : answer;
    };
    expect(() => play({ ...stage, wire }, createPayout.run(closed, stage.context))).toThrow(
      expect.objectContaining({ code: 'payout-method-unavailable' }),
    );
  });

  it.each([
    ['offered it: the reserve may be too small', {}, ask],
    ['does not tell its methods', { items: {} }, { methodId: '4', account: 'P10203040' }],
    [
      'tells one without its number',
      { items: [{ title: 'Payeer' }] },
      { methodId: '4', account: 'P10203040' },
    ],
  ])('for the method is told at once also if the site %s', (_, fields, wish) => {
    const stage = stageOf({ reserve: '1' });
    const wire: Stage['wire'] = (answer, { query }) => {
      if (query.get('method') !== 'get_info') return answer;
      const { data } = answer.body as { data: object };
      return { ...answer, body: { error: 0, error_text: '', data: { ...data, ...fields } } };
    };
    expect(() => play({ ...stage, wire }, createPayout.run(wish, stage.context))).toThrow(
      expect.objectContaining({ code: 'payout-method-unavailable' }),
    );
  });

  it.each([0, 'Perfect Money', '7'])(
    'is not believed if the new payout has the method %j in the list',
    method => {
      const stage = stageOf();
      const repeated = repeating(stage);
      const wire: Stage['wire'] = (answer, request) => {
        if (request.query.get('method') !== 'get_payouts') return repeated!(answer, request);
        const text = JSON.stringify(answer.body, (name, value: unknown) =>
          name === 'method_id' ? method : value,
        );
        return { ...answer, body: JSON.parse(text) as unknown };
      };
      expect(() => order({ ...stage, wire })).toThrow(Unanswered);
    },
  );

  it.each([1, 2])(
    'is believed if a payout by another method took the balance after read %i before it',
    nth => {
      const stage = stageOf();
      const first = { methodId: '2', account: '4276000011112222' };
      const plan = createPayout.run(ask, stage.context) as PlanRun<PayoutData>;
      let reads = 0;
      const wire: Stage['wire'] = (answer, request) => {
        if (++reads === nth) play({ ...stage, wire: undefined }, createPayout.run(first, stage.context));
        return request.query.get('method') === 'add_payout' ? stage.simulator.handle(request) : answer;
      };
      expect(() => play({ ...stage, wire }, plan)).toThrow(
        expect.objectContaining({ code: 'payout-balance-empty' }),
      );
    },
  );

  it.each([
    ['the payouts cannot be read', 'get_payouts', undefined],
    ['no payout is listed yet, but the balance is gone', 'get_payouts', { error: 0, error_text: '' }],
    ['the list is refused', 'get_payouts', { error: 1, error_text: 'Api disabled' }],
  ])('is not believed if %s after it', (_, method, body) => {
    const stage = stageOf();
    let sent = false;
    const wire: Stage['wire'] = (answer, request) => {
      const name = request.query.get('method');
      sent ||= name === 'add_payout';
      if (name === 'add_payout') return stage.simulator.handle(request);
      return sent && name === method ? body && { ...answer, body } : answer;
    };
    expect(() => order({ ...stage, wire })).toThrow(Unanswered);
  });

  it('is told without another read if an earlier payout, which has taken the money, is listed late', () => {
    const stage = stageOf();
    order(stage);
    const calls: string[] = [];
    const wire: Stage['wire'] = (answer, { query }) => {
      const method = query.get('method')!;
      calls.push(method);
      const isLate = method === 'get_payouts' && calls.length === 1;
      return isLate ? { ...answer, body: { error: 0, error_text: '' } } : answer;
    };
    expect(() => order({ ...stage, wire })).toThrow(
      expect.objectContaining({ code: 'payout-balance-empty' }),
    );
    expect(calls).toEqual(['get_payouts', 'get_info', 'add_payout']);
  });

  it.each([
    ['0', undefined, 'payout-balance-empty'],
    ['3', undefined, 'payout-below-minimum'],
    ['3', 'Minimum payout amount is 5 USD', 'payout-below-minimum'],
  ])('is believed if a balance of %s explains it, and a reward comes after it: %s', (balance, text, code) => {
    const stage = stageOf();
    const error_text = text ?? 'Not enough money';
    let sent = false;
    const wire: Stage['wire'] = (answer, request) => {
      const method = request.query.get('method');
      sent ||= method === 'add_payout';
      if (method === 'add_payout') return { ...answer, body: { error: 1, error_text } };
      if (method === 'get_payouts') return { ...answer, body: { error: 0, error_text: '', data: [] } };
      return { ...answer, body: { error: 0, data: { balance: sent ? '12' : balance, min_payout: '5' } } };
    };
    expect(() => order({ ...stage, wire })).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['there is a new payout that may be this one', { payouts: true }],
    ['then refused to list the payouts', { refused: true }],
    ['lists no new payout, but the balance is not what it was', { payouts: false }],
  ])('is not what a person is told of an order that was answered 429: %s', (words, after) => {
    const account = { balance: money('120', 'USD') };
    const plan = requireOrderable(ask, { account, known: { ids: [] }, from: now });
    expect(() => play(orderedAt(after), plan)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(new RegExp(`^PP answered 429.*${words}$`)) }),
    );
  });

  /** A site where the order was executed, with what its lists show of it. */
  function orderedAt({ payouts, refused }: { payouts?: boolean; refused?: boolean }): Stage {
    const stage = stageOf();
    order(stage);
    const wire: Stage['wire'] = (answer, { query }) => {
      if (query.get('method') !== 'get_payouts' || payouts) return answer;
      return {
        ...answer,
        body: refused ? { error: 1, error_text: 'Api disabled' } : { error: 0, error_text: '', data: [] },
      };
    };
    return { ...stage, wire };
  }
});
