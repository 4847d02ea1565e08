import { describe, expect, it } from 'vitest';
import { Unanswered } from '#adapter-kit';
import type { Stage } from '#adapter-kit/testing';
import { does, extension, refused, rub, stageOf } from './stage.testing.js';

describe('Recreativ: an answer in an envelope', () => {
  it.each(['data', 'result'])('is read from %s', name => {
    const wire: Stage['wire'] = answer => ({ ...answer, body: { success: true, [name]: answer.body } });
    const stage = { ...stageOf(), wire };
    const ask = { refs: { userId: '6001' }, delta: rub('50.00') };
    expect(does(stage, 'adjustBalance', ask)).toEqual({ balanceAfter: rub('1300.50') });
    expect(does(stage, 'listPayouts', { limit: 9 })).toEqual(does(stageOf(), 'listPayouts', { limit: 9 }));
  });
});

describe('Recreativ: a refusal with status 200', () => {
  const says =
    (body: unknown): Stage['wire'] =>
    answer => ({ ...answer, status: 200, body });
  const coefficient = (wire: Stage['wire']) =>
    extension(stageOf({}, wire), 'setSiteMultiplier', {
      params: { id: '111', siteKey: '2222s3333' },
      body: { coefficient: '1.2' },
    });

  it.each([
    [[{ field: 'coef', message: 'too high' }], ['validation-failed', '/coefficient']],
    [{ success: false, message: 'not now' }, ['provider-rejected']],
    [{ ok: false }, ['provider-rejected']],
    [{ success: false, data: {} }, ['provider-rejected']],
  ])('is found: %j', (body, expected) => {
    expect(refused(() => coefficient(says(body)))).toEqual(expected);
  });

  it.each([{ success: true }, { coef: 1.2 }, [], null])('is not found in %j', body => {
    expect(coefficient(says(body))).toMatchObject({ coefficient: '1.2' });
  });
});

describe('Recreativ: an error with status 200', () => {
  const says =
    (body: unknown): Stage['wire'] =>
    (answer, { method }) =>
      method === 'GET' ? answer : { status: 200, headers: {}, body };
  const changes: [string, object][] = [
    ['setSiteMultiplier', { params: { id: '111', siteKey: '2222s3333' }, body: { coefficient: '1.2' } }],
    ['setOfferActive', { params: { id: '3001' }, body: { active: false } }],
    ['deleteOffer', { params: { id: '3001' } }],
  ];
  const internal = { name: 'Internal Server Error', message: 'Database down.', code: 0, status: 500 };

  it.each([
    internal,
    { error: 'no access' },
    { error: true },
    { errors: { active: ['bad'] } },
    { message: 'No access' },
    { success: true, error: 'no access' },
  ])('does not confirm a change: %j', body => {
    for (const [name, ask] of changes)
      expect(() => extension(stageOf({}, says(body)), name, ask), name).toThrow(Unanswered);
  });

  it('prevents a change of balance if it comes in place of the balance before', () => {
    let changes = 0;
    const failing: Stage['wire'] = (answer, { method }) => {
      if (method === 'GET') return { status: 200, headers: {}, body: internal };
      changes++;
      return answer;
    };
    const change = { refs: { userId: '6001' }, delta: rub('50.00') };
    expect(() => does(stageOf({}, failing), 'adjustBalance', change)).toThrow(Unanswered);
    expect(changes).toBe(0);
  });

  it('does not confirm a change of another object', () => {
    const stage = stageOf({}, says({ id: 222, active: 1 }));
    const body = { active: true };
    expect(() => extension(stage, 'setCampaignActive', { params: { id: '111' }, body })).toThrow(Unanswered);
    expect(() => extension(stage, 'setOfferActive', { params: { id: '3001' }, body })).toThrow(Unanswered);
  });

  it('does not confirm a change to what it shows unchanged', () => {
    const switches = [
      ['setCampaignActive', '111'],
      ['setOfferActive', '3001'],
    ] as const;
    for (const [name, id] of switches)
      for (const told of [1, '1', true]) {
        const stage = stageOf({}, says({ id: Number(id), active: told }));
        const ask = { params: { id }, body: { active: false } };
        expect(() => extension(stage, name, ask), name).toThrow(Unanswered);
        expect(extension(stage, name, { ...ask, body: { active: true } })).toMatchObject({ active: true });
      }
  });

  it.each([
    { message: 'ok' },
    { success: true, message: 'It is done' },
    { error: 0, errors: [], message: '' },
    { id: 3001, message: 'It is done' },
    { name: 'OK', message: 'done', code: 0, status: 200 },
  ])('is not guessed from %j', body => {
    for (const [name, ask] of changes)
      expect(() => extension(stageOf({}, says(body)), name, ask), name).not.toThrow();
  });
});

describe('Recreativ: a 4xx', () => {
  const answers =
    (status: number, body: unknown): Stage['wire'] =>
    (answer, { method }) =>
      method === 'GET' ? answer : { status, headers: {}, body };
  const dina = { username: 'dina', email: 'dina@example.com' };
  const change = { refs: { userId: '6001' }, delta: rub('-7.00') };
  const offer = {
    body: { campaignId: '111', description: 'Эклер', url: 'https://coffee.example.ru/eclair', price: '5' },
  };
  const writes: [string, (wire: Stage['wire']) => unknown][] = [
    ['createCustomer', wire => does(stageOf({}, wire), 'createCustomer', dina)],
    ['adjustBalance', wire => does(stageOf({}, wire), 'adjustBalance', change)],
    ['createOffer', wire => extension(stageOf({}, wire), 'createOffer', offer)],
  ];

  it.each([409, 423, 425])('%i is not documented: an addition may have been made', status => {
    const envelope = { name: 'Conflict', message: 'The request is running.', code: 0, status };
    for (const [name, act] of writes) {
      expect(() => act(answers(status, envelope)), name).toThrow(Unanswered);
      expect(() => act(answers(status, undefined)), name).toThrow(Unanswered);
      expect(() => act(answers(200, envelope)), name).toThrow(Unanswered);
    }
  });

  it.each([
    [{ error: 'No money' }, 'No money'],
    [{ success: false, error: 'No money' }, 'No money'],
    [{ success: false, error: { code: 422, message: 'No money' } }, 'No money'],
    [{ status: 422, balance: ['No', 'money'] }, 'No money'],
    [{ errors: ['No money'] }, 'No money'],
    [[{ field: 'balance', message: 'No money of anna@example.com' }], 'No money of …'],
  ])('is told in the words of %j', (body, message) => {
    const act = () => does(stageOf({}, answers(400, body)), 'adjustBalance', change);
    expect(act).toThrow(
      expect.objectContaining({
        members: expect.objectContaining({ provider: expect.objectContaining({ message }) }),
      }),
    );
  });

  it('refuses what may be set again, whatever its number', () => {
    const stop = { params: { id: '111' }, body: { active: false } };
    const conflict = answers(409, { name: 'Conflict', message: 'Locked.', code: 0, status: 409 });
    expect(refused(() => extension(stageOf({}, conflict), 'setCampaignActive', stop))).toEqual([
      'provider-rejected',
    ]);
  });

  it.each([400, 403, 404, 405, 415])('%i is documented: nothing was done', status => {
    for (const [, act] of writes) expect(() => refused(() => act(answers(status, {})))).not.toThrow();
  });
});

describe('Recreativ: a denial with status 200', () => {
  const changed = (body: object) =>
    does(
      stageOf({}, (answer, { method }) => (method === 'PUT' ? { status: 200, headers: {}, body } : answer)),
      'adjustBalance',
      { refs: { userId: '6001' }, delta: rub('50.00') },
    );
  const account = { id: 6001, balance: '1300.50' };

  it.each([
    { success: false, data: account },
    { success: false, ...account },
    { ok: 0, message: 'Internal error' },
    { success: false, error: { code: 'INTERNAL_ERROR', message: 'Oops' } },
    { success: false, error: 'Internal error', message: 'Oops' },
    { success: '0', message: 'Внутренняя ошибка сервера' },
  ])('does not prove that a balance was not changed: %j', body => {
    expect(() => changed(body)).toThrow(Unanswered);
  });

  it('is a refusal if it gives another reason', () => {
    expect(refused(() => changed({ success: false, message: 'Not enough money' }))).toEqual([
      'provider-rejected',
    ]);
  });
});
