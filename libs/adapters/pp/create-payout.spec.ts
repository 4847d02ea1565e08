import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { PlanRun, ReconcileContext, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import type { PayoutAsk, PayoutData } from '#canonical';
import type { Account } from './info.js';
import { createPayout } from './create-payout.js';
import { payoutList } from './payout-list.js';
import { pp } from './pp.adapter.js';
import { ppSimulator } from './simulator.js';
import type { PpOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const ask: PayoutAsk = { methodId: '1', account: 'U7654321' };

const stageOf = (options: PpOptions = {}): Stage => ({
  adapter: pp,
  factory: ppSimulator,
  simulator: ppSimulator.create(options),
  context: { settings: {}, now },
});

describe('PP: a payout', () => {
  const order = (stage: Stage, steps = {}) =>
    play(stage, createPayout.run(ask, stage.context) as PlanRun<PayoutData>, steps);
  const lost: Stage['wire'] = (answer, { query }) =>
    query.get('method') === 'add_payout' ? undefined : answer;
  const reconcile = (
    stage: Stage,
    before: Record<string, unknown>,
    input = ask,
    firstSentAt = now,
    wire?: Stage['wire'],
  ) => {
    const context: ReconcileContext = {
      ...stage.context,
      firstSentAt,
      lastSentAt: firstSentAt,
      repeats: 0,
      tries: 1,
      before,
    };
    return play({ ...stage, wire }, payoutList.run(input, context) as PlanRun<Verdict<PayoutData>>);
  };

  it('takes the whole balance: the second one finds nothing', () => {
    const stage = stageOf();
    expect(order(stage)).toMatchObject({ providerRef: '312', status: 'pending' });
    expect(() => order(stage)).toThrow(expect.objectContaining({ code: 'payout-balance-empty' }));
  });

  // WordPress: the `insert_id` of a row that its database rejected.
  it.each([0, '0', false, -1])('with the number %j may not have been ordered', payout_id => {
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'add_payout'
        ? { status: 200, body: { error: 0, error_text: '', data: { payout_id } } }
        : answer;
    expect(() => order({ ...stageOf(), wire })).toThrow(Unanswered);
  });

  it.each([
    { error: 1, error_text: 'mail was not sent', data: { payout_id: 312 } },
    { error: '1', error_text: 'mail was not sent', payout_id: '312' },
    { error: 1, error_text: 'Internal server error' },
    { error: 1, error_text: 'Ошибка сервера, попробуйте позже' },
  ])('may have been ordered despite an error: %j', body => {
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'add_payout' ? { status: 200, body } : answer;
    expect(() => order({ ...stageOf(), wire })).toThrow(Unanswered);
  });

  it('may have been ordered behind an empty 401, which PP does not document', () => {
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'add_payout' ? { status: 401, body: '' } : answer;
    expect(() => order({ ...stageOf(), wire })).toThrow(Unanswered);
  });

  it('that was answered 429 is ordered again, unless the list has a new one or the balance has fallen', () => {
    const again = (wire?: Stage['wire']) => {
      const stage = stageOf();
      return order({ ...stage, context: { ...stage.context, firstSentAt: now }, wire });
    };
    expect(again()).toMatchObject({ providerRef: '312' });
    const reads = { get_payouts: 0, get_info: 0 };
    const second =
      (call: keyof typeof reads, instead: object): Stage['wire'] =>
      (answer, { query }) =>
        query.get('method') === call && ++reads[call] === 2
          ? { status: 200, body: { error: 0, error_text: '', data: instead } }
          : answer;
    const row = { payout_id: 313, time: 1768478400, method_id: 1, account: 'U7654321', status: 0 };
    expect(() => again(second('get_payouts', { items: { 313: row } }))).toThrow(Unanswered);
    expect(() => again(second('get_info', { balance: '0' }))).toThrow(Unanswered);
    const unread: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_info' ? undefined : answer;
    expect(() => again(unread)).toThrow(Unanswered);
  });

  it('was not ordered where the site asks for a password', () => {
    const headers = { 'www-authenticate': 'Basic realm="site"' };
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'add_payout' ? { status: 401, headers, body: '' } : answer;
    expect(() => order({ ...stageOf(), wire })).toThrow(
      expect.objectContaining({ code: 'connection-credentials-invalid' }),
    );
  });

  it('with the number of an older one may not have been ordered', () => {
    const stage = stageOf();
    const { providerRef } = order(stage);
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'add_payout'
        ? { status: 200, body: { error: 0, error_text: '', data: { payout_id: providerRef } } }
        : answer;
    expect(() => order({ ...stage, wire })).toThrow(Unanswered);
  });

  // PHP reads them as 1: the payout would be ordered, and its row, by method 1, would not be taken for ours.
  it.each(['1abc', '01', ' 1', '1.5', '-1'])(
    'by a method called "%s" is refused before anything is sent',
    methodId => {
      const sent: string[] = [];
      const wire: Stage['wire'] = (answer, { query }) => {
        sent.push(query.get('method')!);
        return answer;
      };
      const stage = { ...stageOf(), wire };
      const run = createPayout.run({ ...ask, methodId }, stage.context) as PlanRun<PayoutData>;
      expect(() => play(stage, run)).toThrow(expect.objectContaining({ code: 'payout-method-unavailable' }));
      expect(sent).toEqual([]);
    },
  );

  it('below the minimum is distinguished from an empty balance by the numbers', () => {
    expect(() => order(stageOf({ minPayout: '500' }))).toThrow(
      expect.objectContaining({ code: 'payout-below-minimum' }),
    );
  });

  it('stays refused if the numbers cannot be read', () => {
    const stage: Stage = {
      ...stageOf({ minPayout: '500' }),
      wire: (answer, { query }) => (query.get('method') === 'get_info' ? undefined : answer),
    };
    expect(() => order(stage)).toThrow(expect.objectContaining({ code: 'payout-balance-empty' }));
  });

  it.each([
    ['ru', { reserve: '1' }, 'payout-method-unavailable'],
    ['en', { reserve: '1' }, 'payout-method-unavailable'],
    ['ru', { enabled: false }, 'connection-account-inactive'],
    ['en', { module: false }, 'provider-contract-violation'],
  ] as const)('is refused in %s by a site with %j', (language, options, code) => {
    expect(() => order(stageOf({ ...options, language }))).toThrow(expect.objectContaining({ code }));
  });

  it('whose answer was lost is found by a row that was not there before', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    expect(reconcile(stage, before)).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
      result: { providerRef: '312' },
    });
  });

  it('that never arrived is absent, and not mistaken for an older one to the same account', () => {
    const stage = { ...stageOf(), wire: lost };
    order({ ...stage, wire: undefined });
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    expect(reconcile(stage, before)).toEqual({ verdict: 'absent' });
  });

  it.each([
    ['shows it only later', { error: 0, error_text: '' }],
    ['says that it has nothing to show', { error: 0, error_text: '', data: { items: false } }],
  ])('that is not listed although the balance was spent is not absent: the list %s', (_, body) => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const behind: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts' ? { ...answer, body } : answer;
    expect(reconcile(stage, before, ask, now, behind)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('that is not listed is not absent if the balance is less than before, though a reward came after it', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const behind: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts'
        ? { ...answer, body: { error: 0, error_text: '' } }
        : { ...answer, body: { error: 0, data: { balance: '0.35', min_payout: '5' } } };
    expect(reconcile(stage, before, ask, now, behind)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('that is not listed is not absent if the balance cannot be read', () => {
    const stage = stageOf();
    const before = {};
    expect(() => order({ ...stage, wire: lost }, before)).toThrow(Unanswered);
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts'
        ? { ...answer, body: { error: 0, error_text: '' } }
        : { ...answer, body: { error: 0, data: { items: {} } } };
    expect(() => reconcile(stage, before, ask, now, wire)).toThrow(Unanswered);
  });

  it('goes to a person if after five minutes the balance is less than before, and no payout is listed', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const wire: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts' ? { ...answer, body: { error: 0, error_text: '' } } : answer;
    const look = (afterMs: number) => {
      const context = { ...stage.context, now: new Date(now.getTime() + afterMs) };
      return reconcile({ ...stage, context }, before, ask, now, wire);
    };
    expect(look(60_500)).not.toHaveProperty('final');
    expect(look(300_500)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  // WordPress and its plugins refuse in JSON with `data`, but without PP's `error`.
  it.each([403, 404, 200])('is not decided by an error of WordPress with status %i', status => {
    const body = { code: 'wp_die', message: 'Sorry, you are not allowed to do that.', data: { status: 403 } };
    const blocked: Stage['wire'] = () => ({ status, body });
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    expect(() => reconcile(stage, before, ask, now, blocked)).toThrow(Unanswered);
    const unlisted: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts' ? { status, body } : answer;
    expect(() => order({ ...stageOf(), wire: unlisted })).toThrow(Unanswered);
  });

  it('whose balance before was not read is judged by the list, and by whether there is any money left', () => {
    const stage = { ...stageOf(), wire: lost };
    const before: Record<string, unknown> = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const unread = { 'known-payouts': before['known-payouts'] };
    expect(reconcile(stage, unread)).toMatchObject({ verdict: 'executed', evidence: 'strong' });
    expect(reconcile(stageOf(), unread)).toEqual({ verdict: 'absent' });
    const behind: Stage['wire'] = (answer, { query }) =>
      query.get('method') === 'get_payouts' ? { ...answer, body: { error: 0, error_text: '' } } : answer;
    expect(reconcile(stage, unread, ask, now, behind)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('is absent if another new payout took the balance', () => {
    const before = {};
    expect(() => order({ ...stageOf(), wire: lost }, before)).toThrow(Unanswered);
    const stage = stageOf();
    const other = { methodId: '2', account: '4276000011112222' };
    play(stage, createPayout.run(other, stage.context));
    expect(reconcile(stage, before)).toEqual({ verdict: 'absent' });
  });

  it.each([
    ['a list', (items: object) => Object.values(items)],
    ['keyed by their ids', (items: object) => items],
  ])('is found if the rows are `data` itself, as %s', (_, form) => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const bare: Stage['wire'] = (answer, { query }) => {
      if (query.get('method') !== 'get_payouts') return answer;
      const { data } = answer.body as { data: { items: object } };
      return { ...answer, body: { error: 0, data: form(data.items) } };
    };
    expect(reconcile(stage, before, ask, now, bare)).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
    });
  });

  it('is not found by a payout of ours that is only listed now, and less surely beside one without a number', () => {
    const stage = { ...stageOf(), wire: lost };
    const before: Record<string, unknown> = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    // The balance is gone, so that it does not count as absent either: the site may count anew, and the payout be ours.
    expect(reconcile(stage, before, { ...ask, knownPayoutIds: ['312'] })).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
    const unchanged = before['read-account'] as object;
    const poor = { ...unchanged, balance: { amount: '0', currency: 'USD' } };
    expect(
      reconcile(stage, { ...before, 'read-account': poor }, { ...ask, knownPayoutIds: ['312'] }),
    ).toMatchObject({ verdict: 'absent' });
    expect(reconcile(stage, before, { ...ask, twinInDoubt: true })).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
    });
  });

  it.each([
    ['of less than there was: an order takes everything', '199.5'],
    ['of more, where there was too little for an order', '4.99'],
  ])('is not certainly a payout %s', (_, amount) => {
    const stage = { ...stageOf(), wire: lost };
    const before: Record<string, unknown> = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const another = { ...(before['read-account'] as Account), balance: { amount, currency: 'XXX' } };
    expect(reconcile(stage, { ...before, 'read-account': another })).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
    });
  });

  /** The list with another value, or none, in one field of every payout. */
  const showing =
    (field: string, value?: unknown): Stage['wire'] =>
    answer => ({
      ...answer,
      body: JSON.parse(JSON.stringify(answer.body), (name, was: unknown) =>
        name === field ? value : was,
      ) as unknown,
    });

  // A deleted or renamed method is 0 in the list; the last one is another method of the site.
  it.each([undefined, 0, '0', '01', '1.0', 'Perfect Money', '7'])(
    'that is listed with the method %j is not absent',
    method => {
      const stage = { ...stageOf(), wire: lost };
      const before = {};
      expect(() => order(stage, before)).toThrow(Unanswered);
      expect(reconcile(stage, before, ask, now, showing('method_id', method))).toMatchObject({
        verdict: 'executed',
        evidence: 'weak',
      });
    },
  );

  it('that is listed with a title for its method, and another form of its account, is not absent', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const input = { ...ask, account: 'U0000000' };
    expect(reconcile(stage, before, input, now, showing('method_id', 'Perfect Money'))).toMatchObject({
      verdict: 'inconclusive',
    });
  });

  // A proxy repeated the order of an account without a lock, and both were booked.
  it('that was booked twice goes to a person at once', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const twice: Stage['wire'] = (answer, { query }) => {
      if (query.get('method') !== 'get_payouts') return answer;
      const { data } = answer.body as { data: { items: Record<string, object> } };
      const items = { ...data.items, 313: { ...data.items['312'], id: '313' } };
      return { ...answer, body: { error: 0, data: { items } } };
    };
    expect(reconcile(stage, before, ask, now, twice)).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
  });

  it('with another form of its account goes to a person from the second look-up on', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    const look = (tries: number) => {
      const times = { firstSentAt: now, lastSentAt: now, repeats: 0 };
      const input = { ...ask, account: 'U0000000' };
      const plan = payoutList.run(input, { ...stage.context, ...times, tries, before });
      return play({ ...stage, wire: undefined }, plan as PlanRun<Verdict<PayoutData>>);
    };
    expect(look(1)).not.toHaveProperty('final');
    expect(look(2)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  it('is not guessed from another form of the account, without the step before, or from a row of another time', () => {
    const stage = { ...stageOf(), wire: lost };
    const before = {};
    expect(() => order(stage, before)).toThrow(Unanswered);
    expect(reconcile(stage, before, { ...ask, account: 'U0000000' })).toMatchObject({
      verdict: 'inconclusive',
    });
    expect(reconcile(stage, {})).toMatchObject({ verdict: 'inconclusive' });
    expect(reconcile(stage, before, ask, new Date('2026-03-01'))).toMatchObject({
      verdict: 'executed',
      evidence: 'weak',
    });
  });

  it.each([
    ['u7654321', 'U7654321', 'strong'],
    ['U 765 43 21', 'U7654321', 'strong'],
    ['4276-0000-1111-2222', '4276000011112222', 'strong'],
    // Masked, it may be another account.
    ['4276 **** **** 2222', '4276000011112222', 'weak'],
    ['427600••••2222', '4276 0000 1111 2222', 'weak'],
    ['U76…321', 'U7654321', 'weak'],
  ])('is found by another form of its account: %s', (account, sent, evidence) => {
    const before = {};
    const stage = { ...stageOf(), wire: lost };
    expect(() => order(stage, before)).toThrow(Unanswered);
    const input = { ...ask, account: sent };
    expect(reconcile(stage, before, input, now, showing('account', account))).toMatchObject({
      verdict: 'executed',
      evidence,
    });
  });

  it.each([
    '4276 **** **** 3333',
    '4277 **** 2222',
    '****222',
    '**** 2222',
    '427600001111',
    '4276**2222**99',
  ])('is not guessed from another account, or from too few digits: %s', account => {
    const before = {};
    const stage = { ...stageOf(), wire: lost };
    expect(() => order(stage, before)).toThrow(Unanswered);
    const input = { ...ask, account: '4276000011112222' };
    expect(reconcile(stage, before, input, now, showing('account', account))).toMatchObject({
      verdict: 'inconclusive',
    });
  });
});
