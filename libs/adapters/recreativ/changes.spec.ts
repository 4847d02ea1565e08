import { describe, expect, it } from 'vitest';
import { money } from '#canonical';
import { Unanswered, Unreadable } from '#adapter-kit';
import type { Reconcile } from '#adapter-kit';
import type { Stage } from '#adapter-kit/testing';
import { recreativ } from './recreativ.adapter.js';
import { does, judge, lostOn, never, refused, rub, stageOf } from './stage.testing.js';

const traits = (kind: 'createCustomer' | 'adjustBalance') =>
  (recreativ.operations[kind] as { traits: { reconcile?: Reconcile } }).traits.reconcile;

/** A stage whose writes reach the simulator twice, as behind a proxy that repeats them. */
function repeated(): Stage {
  const stage = stageOf();
  stage.wire = (answer, request) => (request.method === 'GET' ? answer : stage.simulator.handle(request));
  return stage;
}

describe('Recreativ: a new customer', () => {
  const dina = { username: 'dina', email: 'dina@example.com', displayName: 'Дина' };

  it('has the id from `Location`, with or without a body', () => {
    for (const createdBody of [true, false]) {
      const made = does(stageOf({ createdBody }), 'createCustomer', dina);
      expect(made).toMatchObject({
        providerRefs: { userId: '8001' },
        displayName: 'Дина',
        email: dina.email,
        member: true,
      });
    }
  });

  it.each([0, '0', false])('may not have been created if its id is %j', id => {
    const wire: Stage['wire'] = (answer, { method }) =>
      method === 'POST' ? { ...answer, headers: {}, body: { id, username: 'dina' } } : answer;
    expect(() => does(stageOf({}, wire), 'createCustomer', dina)).toThrow(Unanswered);
  });

  it('is refused before anything is sent if a field is missing or unsupported', () => {
    const ask = (more: object) => refused(() => does(stageOf({}, never), 'createCustomer', more));
    expect(ask({ displayName: 'Дина' })).toEqual(['validation-failed', '/username', '/email']);
    expect(ask({ username: 'dina' })).toEqual(['validation-failed', '/email']);
    expect(ask({ email: 'dina@example.com' })).toEqual(['validation-failed', '/username']);
    expect(ask({ ...dina, externalId: 'crm-1', vkId: '7' })).toEqual([
      'unsupported-field',
      '/externalId',
      '/vkId',
    ]);
  });

  it('is refused by Recreativ if the login is taken', () => {
    const taken = () => does(stageOf(), 'createCustomer', { ...dina, username: 'Anna' });
    expect(refused(taken)).toEqual(['validation-failed', '/username']);
  });

  it('is looked up if the login may have been taken by a first copy of the request', () => {
    const stage = repeated();
    const steps = {};
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    expect(judge(stage, traits('createCustomer'), dina, steps)).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
    });
  });

  const refusing = (body: unknown, status = 422): Stage =>
    stageOf({}, (answer, { method }) => (method === 'POST' ? { status, headers: {}, body } : answer));

  it.each([
    [[{ field: 'user', message: 'Значение «dina» для «Логин» уже занято.' }]],
    [[{ field: 'email', message: 'Email "dina@example.com" has already been taken.' }]],
    [[{ field: 'user', message: 'Выберите другой.' }]],
    [[{ field: 'email', message: 'This address belongs to another account.' }]],
    [[{ field: 'user', message: 'Логин уже занят, укажите другой в том же формате.' }]],
    [{ name: 'Unprocessable entity', message: 'Data Validation Failed.', code: 0, status: 422 }],
  ])('is looked up if a first copy may be why, although it is not listed yet: %j', body => {
    const steps = {};
    expect(() => does(refusing(body), 'createCustomer', dina, steps)).toThrow(Unanswered);
    // Somebody else has the login: told in the words of the refusal, once the list may not be late any more.
    expect(judge(stageOf(), traits('createCustomer'), dina, steps)).toEqual({ verdict: 'absent' });
  });

  it.each([
    [[{ field: 'phone', message: 'Неверно.' }], ['/phone']],
    [[{ field: 'user', message: 'Логин может содержать только латинские буквы.' }], ['/username']],
    // Yii's own sentence for a value that does not match its pattern.
    [[{ field: 'user', message: 'Значение «Логин» неверно.' }], ['/username']],
    [[{ field: 'email', message: 'Email is not a valid email address.' }], ['/email']],
    [[{ field: 'user', message: 'username_too_short' }], ['/username']],
    [[{ field: 'url', message: 'Сайт уже зарегистрирован.' }], ['/url']],
    [{ name: 'Unprocessable entity', message: 'Логин слишком короткий.', code: 0, status: 422 }, []],
    [
      [
        { field: 'user', message: 'Логин уже занят.' },
        { field: 'email', message: 'Неверно.' },
      ],
      ['/username', '/email'],
    ],
  ])('is refused at once for what a first copy would have been refused for, too: %j', (body, pointers) => {
    const taken = refused(() => does(refusing(body), 'createCustomer', dina));
    expect(taken).toEqual(['validation-failed', ...pointers]);
  });

  it('is refused at once by a 409, which is not documented, only if the login was taken before', () => {
    const stage = refusing({ error: 'User exists' }, 409);
    expect(refused(() => does(stage, 'createCustomer', { ...dina, username: 'anna' }))).toEqual([
      'validation-failed',
    ]);
    expect(() => does(stage, 'createCustomer', dina)).toThrow(Unanswered);
  });

  it('is found in the list if the answer was lost, but only if it is new', () => {
    const stage = stageOf({ referrals: 60 }, lostOn('POST'));
    const steps = {};
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    const found = judge({ ...stage, wire: undefined }, traits('createCustomer'), dina, steps);
    expect(found).toMatchObject({
      verdict: 'executed',
      evidence: 'strong',
      result: { providerRefs: { userId: '8001' } },
    });
    expect(judge(stageOf({ referrals: 60 }), traits('createCustomer'), dina, steps)).toEqual({
      verdict: 'absent',
    });
  });

  it.each([
    ['fewer accounts are listed than before', []],
    [
      'a new account is listed without login and address',
      [
        ...Array.from({ length: 4 }, (_, at) => ({ id: 6001 + at, username: `u${at}` })),
        { id: 8001, login: 'dina' },
      ],
    ],
  ])('is not absent if %s', (_why, listed) => {
    const steps = {};
    const stage = stageOf({ referrals: 0 }, lostOn('POST'));
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    const now = stageOf({}, () => ({ status: 200, headers: {}, body: listed }));
    expect(judge(now, traits('createCustomer'), dina, steps)).toMatchObject({ verdict: 'inconclusive' });
  });

  it.each([{ id: 8001, username: 'gena' }, { id: 8001, email: 'gena@example.com' }, { id: 6000 }])(
    'is not %j',
    row => {
      const steps = {};
      expect(() => does(stageOf({}, lostOn('POST')), 'createCustomer', dina, steps)).toThrow(Unanswered);
      const now = stageOf({}, answer => ({ ...answer, body: [...(answer.body as object[]), row] }));
      expect(judge(now, traits('createCustomer'), dina, steps)).toEqual({ verdict: 'absent' });
    },
  );

  it.each([6001, 'new'])('is not believed to have been created if its id is %j', id => {
    const wire: Stage['wire'] = (answer, { method }) =>
      method === 'POST' ? { status: 201, headers: { location: `/users/${id}` }, body: { id } } : answer;
    expect(() => does(stageOf({}, wire), 'createCustomer', dina)).toThrow(Unanswered);
  });

  it.each([
    ['another login', { username: 'dina_1' }],
    ['another address', { email: 'di.na@example.com' }],
  ])('is not absent if a new account has %s', (_how, drift) => {
    const steps = {};
    const stage = stageOf({}, lostOn('POST'));
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    const rewritten = stageOf({}, answer => ({
      ...answer,
      body: [{ id: 8001, username: 'dina', email: 'dina@example.com', ...drift }],
    }));
    const look = (lostForMs: number) => judge(rewritten, traits('createCustomer'), dina, steps, lostForMs);
    expect(look(0)).toMatchObject({ verdict: 'inconclusive', final: false });
    expect(look(60_000)).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  it('is left to a person at once if two new accounts match', () => {
    const steps = {};
    expect(() => does(stageOf({}, lostOn('POST')), 'createCustomer', dina, steps)).toThrow(Unanswered);
    const twice = stageOf({}, answer => ({
      ...answer,
      body: [8001, 8002].map(id => ({ id, username: 'dina', email: 'dina@example.com' })),
    }));
    expect(judge(twice, traits('createCustomer'), dina, steps)).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
  });

  it.each([10, 25])('is found after pages of %i without headers', size => {
    const steps = {};
    const stage = stageOf({ referrals: 80 }, lostOn('POST'));
    const small: Stage['wire'] = (answer, request) => {
      if (request.method === 'POST') return undefined;
      const query = new URLSearchParams([...request.query]);
      query.set('per-page', String(size));
      return { ...stage.simulator.handle({ ...request, query }), headers: {} };
    };
    expect(() => does({ ...stage, wire: small }, 'createCustomer', dina, steps)).toThrow(Unanswered);
    expect(judge({ ...stage, wire: small }, traits('createCustomer'), dina, steps)).toMatchObject({
      verdict: 'executed',
    });
  });

  it.each([
    [4, 'absent'],
    [64, 'absent'],
    [20, 'inconclusive'],
    [50, 'inconclusive'],
    [100, 'inconclusive'],
  ])('of which a list without pages shows nothing in its %i rows is %s', (count, verdict) => {
    const steps = {};
    const stage = stageOf({ paging: false, referrals: count - 4 }, (answer, { method }) =>
      method === 'POST' ? undefined : { ...answer, headers: {} },
    );
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    expect(steps).toMatchObject({ 'known-users': { count } });
    const now = stageOf({ paging: false, referrals: count - 4 });
    const look = (lostForMs: number) => judge(now, traits('createCustomer'), dina, steps, lostForMs);
    expect(look(0)).toMatchObject({ verdict });
    if (verdict === 'inconclusive') expect(look(60_000)).toMatchObject({ verdict, final: true });
  });

  it.each([20, 50, 100])('is absent from %i rows whose headers say that there are no others', count => {
    const steps = {};
    const stage = stageOf({ referrals: count - 4 }, lostOn('POST'));
    expect(() => does(stage, 'createCustomer', dina, steps)).toThrow(Unanswered);
    const now = stageOf({ referrals: count - 4 });
    expect(judge(now, traits('createCustomer'), dina, steps)).toEqual({ verdict: 'absent' });
  });

  it('is neither found nor absent if a row of the list cannot be read', () => {
    const steps = {};
    expect(() => does(stageOf({}, lostOn('POST')), 'createCustomer', dina, steps)).toThrow(Unanswered);
    const odd = stageOf({}, answer => ({
      ...answer,
      body: [{ id: 6001, username: 'anna' }, { username: 'dina' }],
    }));
    expect(() => judge(odd, traits('createCustomer'), dina, steps)).toThrow(Unreadable);
  });

  it('is not mistaken for an older account with the same login', () => {
    const anna = { username: 'anna', email: 'anna@example.com' };
    const stage = stageOf({}, lostOn('POST'));
    const steps = {};
    expect(() => does(stage, 'createCustomer', anna, steps)).toThrow(Unanswered);
    expect(judge({ ...stage, wire: undefined }, traits('createCustomer'), anna, steps)).toEqual({
      verdict: 'absent',
    });
    expect(judge(stageOf(), traits('createCustomer'), anna, {})).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
  });
});

describe('Recreativ: a change of balance', () => {
  const ask = { refs: { userId: '6001' }, delta: rub('50.00'), reason: 'goodwill' };

  it('is sent unchanged, and returns the new balance', () => {
    const stage = stageOf();
    expect(does(stage, 'adjustBalance', ask)).toEqual({ balanceAfter: rub('1300.50') });
    expect(does(stage, 'adjustBalance', { ...ask, delta: rub('-0.10') })).toEqual({
      balanceAfter: rub('1300.40'),
    });
  });

  it.each([
    ['PUT', { status: 204 }, {}],
    ['GET', { status: 200, body: { id: 6001 } }, { balanceAfter: rub('1300.50') }],
  ])('is done if the answer to %s shows no balance', (which, bare, result) => {
    const wire: Stage['wire'] = (answer, { method }) => (method === which ? bare : answer);
    expect(does(stageOf({}, wire), 'adjustBalance', ask)).toEqual(result);
  });

  it('is not believed if the answer shows the balance from before', () => {
    const unmoved: Stage['wire'] = (answer, { method }) =>
      method === 'PUT' ? { ...answer, body: { id: 6001, balance: '1250.5000' } } : answer;
    expect(() => does(stageOf({}, unmoved), 'adjustBalance', ask)).toThrow(Unanswered);
    const finer: Stage['wire'] = answer => ({ ...answer, body: { id: 6001, balance: '1250.5075' } });
    expect(() => does(stageOf({}, finer), 'adjustBalance', ask)).toThrow(Unanswered);
    // Advertising was paid for in between: the balance is another one, and that is an answer.
    const spent: Stage['wire'] = (answer, { method }) =>
      method === 'PUT' ? { ...answer, body: { id: 6001, balance: '1299.90' } } : answer;
    expect(does(stageOf({}, spent), 'adjustBalance', ask)).toEqual({ balanceAfter: rub('1299.90') });
  });

  it.each(['50.00', '-50.00'])('is not believed if the answer shows that %s was applied twice', amount => {
    const [stage, steps] = [repeated(), {}];
    const twice = { ...ask, delta: rub(amount) };
    expect(() => does(stage, 'adjustBalance', twice, steps)).toThrow(Unanswered);
    const found = judge(stage, traits('adjustBalance'), twice, steps, 61_000);
    expect(found).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  describe('that is refused', () => {
    const wantOfMoney: object = [{ field: 'balance', message: 'Недостаточно средств.' }];
    const refusing = (amount: string, balances: (string | undefined)[], body = wantOfMoney, status = 422) => {
      const seen = [...balances];
      const noMoney: Stage['wire'] = (_, { method }) => {
        if (method === 'PUT') return { status, headers: {}, body };
        const balance = seen.shift();
        return balance === undefined ? undefined : { status: 200, headers: {}, body: { id: 6001, balance } };
      };
      return () => does(stageOf({}, noMoney), 'adjustBalance', { ...ask, delta: rub(amount) });
    };

    it.each([
      ['a first copy of the request took the money', '0.0000'],
      ['it took the money, and advertising some more', '-3.1'],
      ['there is enough money, since the balance may be shown late', '1250.5'],
      ['the balance cannot be read any more', undefined],
    ])('is looked up if there was enough money before, and %s', (_why, after) => {
      expect(refusing('-1250.50', ['1250.5', after])).toThrow(Unanswered);
    });

    it.each([
      ['there was not enough money before', ['1250.4']],
      ['there was not enough money before, and is now', ['1250.4', '1300']],
      ['less than the change was spent meanwhile, and the rest is not enough', ['1250.5', '1249.9']],
      ['the balance before is not shown', ['']],
    ])('is refused if %s', (_why, balances) => {
      expect(refused(refusing('-1250.50', balances))).toEqual(['validation-failed', '/delta']);
    });

    it.each([
      ['balance', 'Balance must be no less than 0.'],
      ['balance', 'Insufficient funds on account number 6001.'],
      ['balance', 'Такая операция уже выполнена.'],
      ['', 'На балансе нет такой суммы.'],
      ['', 'Перечисление средств невозможно.'],
      ['', 'Data Validation Failed.'],
      ['', ''],
    ])('is looked up if the first copy may be why: %s %s', (field, message) => {
      expect(refusing('-7.00', ['1250.5', '1250.5'], [{ field, message }])).toThrow(Unanswered);
    });

    it.each([
      ['balance', 'Balance must be a number.', ['/delta']],
      ['balance', 'Значение «Баланс» должно быть числом.', ['/delta']],
      ['balance', 'Баланс должен быть целочисленным.', ['/delta']],
      ['balance', 'Сумма баланса некратна 10.', ['/delta']],
      ['balance', 'The smallest step is 0.01.', ['/delta']],
      ['email', 'Email is not a valid address.', []],
      ['', 'Рекламодатель заблокирован.', []],
    ])('is refused without a look if %s is told to be wrong: %s', (field, message, pointers) => {
      const act = refusing('-7.00', ['1250.5'], [{ field, message }]);
      expect(refused(act)).toEqual(['validation-failed', ...pointers]);
    });

    it('is looked up for lack of a reason of its own, whatever stands beside it', () => {
      const noReason = { status: 'error', balance: ['Отказано.'] };
      expect(refusing('-7.00', ['1250.5', '1250.5'], noReason)).toThrow(Unanswered);
    });

    it('is looked up like that, too, if the refusal has status 200', () => {
      const denial = { success: false, message: 'Недостаточно средств.' };
      expect(refusing('-7.00', ['1250.5', '1250.5'], denial, 200)).toThrow(Unanswered);
    });

    it('is refused without a look if it is a credit, which needs no money', () => {
      expect(refused(refusing('50.00', ['1250.5']))).toEqual(['validation-failed', '/delta']);
    });
  });

  it('is reconciled by the balance if the answer was lost: weak evidence, since others change it too', () => {
    const stage = stageOf({}, lostOn('PUT'));
    const steps: Record<string, unknown> = {};
    expect(() => does(stage, 'adjustBalance', ask, steps)).toThrow(Unanswered);
    expect(JSON.stringify(steps)).toBe('{"user-balance":{"balance":"1250.5"}}');
    const calm = { ...stage, wire: undefined };
    const reconcile = traits('adjustBalance');
    expect(judge(calm, reconcile, ask, steps)).toEqual({
      verdict: 'executed',
      evidence: 'weak',
      result: { balanceAfter: rub('1300.50') },
    });
    expect(judge(stageOf(), reconcile, ask, steps)).toEqual({ verdict: 'absent', evidence: 'weak' });
    does(calm, 'adjustBalance', { ...ask, delta: rub('1.00') });
    expect(judge(calm, reconcile, ask, steps)).toMatchObject({ verdict: 'inconclusive', final: false });
    // Nobody waits a day for what no look can find out.
    expect(judge(calm, reconcile, ask, steps, 60_000)).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
    expect(judge(calm, reconcile, ask, {})).toMatchObject({ verdict: 'inconclusive', final: true });
    const hidden = stageOf({}, () => ({ status: 200, body: { id: 6001 } }));
    expect(judge(hidden, reconcile, ask, steps)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('is refused before anything is sent for another currency, for zero, and if no JSON number can hold it', () => {
    const of = (delta: object) =>
      refused(() => does(stageOf({}, never), 'adjustBalance', { ...ask, delta: delta as never }));
    expect(of(money('1', 'USD'))).toEqual(['validation-failed', '/delta/currency']);
    expect(of(rub('0'))).toEqual(['validation-failed', '/delta/amount']);
    expect(of(rub('999999999999999.99'))).toEqual(['validation-failed', '/delta/amount']);
  });
});
