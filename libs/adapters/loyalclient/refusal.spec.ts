import { Unreadable, interpret, readWire } from '#adapter-kit';
import { money } from '#canonical';
import { describe, expect, it } from 'vitest';
import { releasePoints } from './hold.js';
import { keyProbe } from './key-probe.js';
import { loyalclient } from './loyalclient.adapter.js';
import { refusal } from './refusal.js';
import { retail } from './retail.js';

const answer = (status: number, text: string, type = 'application/json') =>
  readWire(status, { 'content-type': type }, Buffer.from(text));

const complaint = { client: 'Client not found.' };
const envelopes: [string, unknown][] = [
  ['a list of maps', [complaint]],
  ['a list of fields and messages', [{ field: 'client', message: complaint.client }]],
  ['such a list under `errors`', { errors: [{ field: 'client', message: complaint.client }] }],
  ['a list of sentences', [complaint.client]],
  ['the sentence alone', complaint.client],
  ['the sentence under `message`', { message: complaint.client }],
];

describe('an error text of LoyalClient', () => {
  it.each(envelopes)('is read from %s, with 422 and inside a 200', (_name, body) => {
    for (const status of [422, 200])
      expect(refusal(answer(status, JSON.stringify(body)), retail)).toMatchObject({ code: 'client' });
  });

  it.each([
    { client: 'Client is blocked.' },
    { errors: { client: ['Клиент заблокирован'] } },
    { message: 'Карта заморожена' },
    'Client is banned',
  ])('about a blocked client does not mean "not found": %j', body => {
    expect(refusal(answer(422, JSON.stringify(body)), retail)).toMatchObject({ code: 'blocked' });
    expect(loyalclient.errors['blocked']).toBe('customer-blocked');
  });

  it.each(['Internal error', 'Service unavailable', 'Connection timed out'])(
    'about its own trouble does not mean "not found": %s',
    client => {
      for (const body of [{ client }, { success: false, errors: { client: [client] } }])
        expect(() => refusal(answer(422, JSON.stringify(body)), retail)).toThrow(Unreadable);
    },
  );

  it.each(['Wrong code, please try again', 'Неверный код, попробуйте ещё раз'])(
    'that asks for another code means that there is no such client: %s',
    client => {
      expect(refusal(answer(422, JSON.stringify({ client })), retail)).toMatchObject({ code: 'client' });
    },
  );

  it('about a point of sale is recognised, and a word in a booking is no error text', () => {
    expect(refusal(answer(422, '{"point":"Point is blocked."}'), retail)).toMatchObject({ code: 'point' });
    expect(refusal(answer(200, '{"message":"Client is blocked"}'), retail)).toBeUndefined();
    const booked = { success: true, retail: { total: 0 }, message: 'Client is blocked' };
    expect(refusal(answer(200, JSON.stringify(booked)), retail)).toBeUndefined();
  });

  it.each(['Key expired.', 'Unauthorized', 'Invalid key', 'Неверный ключ', 'Ключ недействителен'])(
    'about a key is recognised in its words: %s',
    message => {
      for (const body of [{ message }, { key: message }])
        expect(refusal(answer(422, JSON.stringify(body)), retail)).toMatchObject({ code: 'apikey' });
    },
  );

  it.each(['Not enough bonuses', 'Insufficient bonus balance', 'Недостаточно баллов'])(
    'about too few points is recognised without its field: %s',
    message => {
      for (const [status, body] of [
        [400, { statusCode: 400, message, error: 'Bad Request' }],
        [422, { error: message }],
        [200, { error: message }],
      ] as const)
        expect(refusal(answer(status, JSON.stringify(body)), retail)).toMatchObject({
          code: 'spend',
          fields: [{ pointer: '/receipt/redeemPoints', detail: message }],
        });
      expect(refusal(answer(422, '{"message":"Insufficient rights"}'), retail)?.code).toBe('refused');
    },
  );

  it.each([
    'Insufficient funds on the balance of the shop',
    'Недостаточно средств на счёте компании',
    'Not enough points of sale in your plan',
  ])('about what the shop has too little of is not about points: %s', message => {
    const told = answer(422, JSON.stringify({ message }));
    expect(refusal(told, retail)).toMatchObject({ code: 'refused', message });
    expect(refusal(told, keyProbe)).toBeUndefined();
  });

  it('about too few points refuses nothing where a 200 may only remark on it', () => {
    for (const message of ['Not enough points for the next level', 'До уровня «Золото» недостаточно баллов'])
      expect(refusal(answer(200, JSON.stringify({ id: 5511, message })), retail)).toBeUndefined();
  });

  it.each([{ id: 'Hold not found.' }, { error: 'No such hold' }, 'Удержание не найдено'])(
    'about a hold that is gone is recognised: %j',
    body => {
      for (const status of [422, 200])
        expect(refusal(answer(status, JSON.stringify(body)), releasePoints)).toMatchObject({ code: 'hold' });
    },
  );

  it.each(['Token expired', 'Срок кода истёк', 'The key of the locker was given to another client.'])(
    'about something else does not blame the key: %s',
    message => expect(refusal(answer(422, JSON.stringify({ message })), retail)?.code).toBe('refused'),
  );

  it('that says nothing of the key is told to whoever checks it', () => {
    const told = answer(422, JSON.stringify({ message: 'Shop is disabled' }));
    const meaning = interpret(loyalclient, keyProbe, told, {}, { settings: {}, now: new Date() });
    expect(meaning).toMatchObject({
      kind: 'unanswered',
      reason: expect.stringContaining('Shop is disabled'),
    });
  });

  it('is never told to them as a page', () => {
    const told = answer(422, JSON.stringify({ message: `Shop is ${'very '.repeat(500)}disabled` }));
    const meaning = interpret(loyalclient, keyProbe, told, {}, { settings: {}, now: new Date() });
    expect(meaning).toMatchObject({ reason: expect.stringMatching(/^body: says "Shop is [ -~]{1,191}…"$/) });
  });

  it('is read from plain text, and kept', () => {
    const refused = refusal(answer(422, "Spend can't be more 100,50", 'text/plain'), retail);
    expect(refused).toMatchObject({
      code: 'spend',
      message: "Spend can't be more 100,50",
      extra: { maxRedeemPoints: '100.5' },
    });
  });

  it.each([
    ["Spend can't be more -5", '0'],
    ["Spend can't be more than 100 of 878", '100'],
    ["Spend can't be more 1,250.50", '1250.5'],
    ['Максимум 1 000,50 баллов', '1000.5'],
    ['На счёте 878, списать можно 100', undefined],
    ['Недостаточно баллов: нужно 500', undefined],
    ["Not enough points. Spend can't be more 100", '100'],
  ])('contains a limit only where it certainly names one: %s', (text, maxRedeemPoints) => {
    const extra = refusal(answer(422, JSON.stringify({ spend: text })), retail)?.extra;
    expect(extra?.maxRedeemPoints).toBe(maxRedeemPoints);
  });

  it.each([
    ['the id of the client', { client: '62ac00000000000000000001', amount: 100, total: 0, spend: 100 }],
    ['a result beside a notice', { retail: { total: 0 }, message: 'Client not found. Created.' }],
    [
      'the figures of a booking beside its denial',
      { success: false, retail: { amount: 100, total: 0, spend: 100 } },
    ],
    ['a hold beside its denial', { success: false, held: { id: '67446848d193', amount: 100 } }],
    ['nothing', []],
  ])('is not found in a 200 with %s', (_name, body) => {
    expect(refusal(answer(200, JSON.stringify(body)), retail)).toBeUndefined();
  });

  it.each([
    ['a booking', { success: true, retail: { amount: 100, total: 100, type: 'cashback', earn: 10 } }],
    ['a booking in an envelope', { data: { retail: { amount: 100, total: 0, spend: 100 } } }],
    ['a hold', { success: true, held: { id: '67446848d193', until: 1704045600, amount: 100 } }],
  ])('is not read from an error status above %s', (_name, body) => {
    for (const status of [400, 403, 422])
      expect(() => refusal(answer(status, JSON.stringify(body)), retail)).toThrow(Unreadable);
  });
});

describe('the answer to a booking', () => {
  const ask = { clientId: 'c', point: 'p', total: money('1000', 'RUB'), redeemPoints: '500', holds: [] };
  const meant = (body: object, status = 200) =>
    interpret(loyalclient, retail, answer(status, JSON.stringify(body)), ask, {
      settings: {},
      now: new Date(),
    });
  const booked = { amount: 1000, total: 500, percent: 10, type: 'cashback', spend: 500 };

  it.each([
    [{ amount: 'Only whole amounts are accepted.' }, 'Only whole amounts are accepted.', '/receipt/total'],
    [{ statusCode: 400, message: 'wrong amount', error: 'Bad Request' }, 'wrong amount', undefined],
    [{ message: ['wrong amount'], error: 'Bad Request' }, 'wrong amount', undefined],
  ])('keeps the words of LoyalClient under another status than 422: %j', (body, message, pointer) => {
    for (const status of [400, 404, 405])
      expect(meant(body, status)).toMatchObject({
        kind: 'refused',
        refusal: {
          code: 'provider-rejected',
          members: {
            provider: { status, code: `http-${status}`, message },
            errors: pointer && [{ pointer, detail: message }],
          },
        },
      });
    for (const status of [408, 500, 502]) expect(meant(body, status)).toMatchObject({ kind: 'unanswered' });
    expect(meant(body, 429)).toMatchObject({ kind: 'throttled' });
  });

  it.each([401, 403])('with status %d is about the key, whatever its words', status => {
    expect(meant({ message: 'Access denied' }, status)).toMatchObject({
      refusal: { code: 'connection-credentials-invalid' },
    });
  });

  it('is unreadable if it contains both a booking and `success: false`', () => {
    expect(meant({ success: false, retail: booked })).toMatchObject({ kind: 'unanswered' });
    expect(meant({ success: false, retail: { message: 'Receipt is closed' } })).toMatchObject({
      kind: 'refused',
    });
  });

  it('is unreadable if it contains a booking and an error status', () => {
    expect(meant({ success: true, retail: booked }, 422)).toMatchObject({ kind: 'unanswered' });
  });

  it.each(['Internal error', 'Request timed out', 'Внутренняя ошибка сервера', 'Сервис временно недоступен'])(
    'proves nothing if it reports an internal error: %s',
    error => {
      expect(meant({ success: false, error })).toMatchObject({ kind: 'unanswered' });
      // Documented: every error comes with 422, so an internal one may, too.
      for (const status of [400, 422]) expect(meant({ error }, status)).toMatchObject({ kind: 'unanswered' });
      expect(meant({ success: false, errors: { spend: error } })).toMatchObject({ kind: 'refused' });
    },
  );

  it('is unreadable if less than nothing is to be paid', () => {
    expect(meant({ success: true, retail: { ...booked, total: -500 } })).toMatchObject({
      kind: 'unanswered',
    });
  });

  it('has a warning if more is to be paid than the receipt', () => {
    expect(meant({ success: true, retail: { ...booked, total: 50_000 } })).toMatchObject({
      kind: 'done',
      result: {
        payable: money('50000', 'RUB'),
        discount: money('0', 'RUB'),
        warnings: [{ code: 'provider-figures-differ', pointer: '/receipt/total' }],
      },
    });
  });

  it('has a warning if the redeemed points do not reduce what is to be paid', () => {
    expect(meant({ success: true, retail: { ...booked, total: booked.amount } })).toMatchObject({
      kind: 'done',
      result: {
        payable: money(booked.amount, 'RUB'),
        redeemedPoints: '500',
        warnings: [{ code: 'provider-figures-differ', pointer: '/receipt/redeemPoints' }],
      },
    });
  });

  it.each([400, 0])('has a warning if cashback leaves %d to be paid, less than the points do', total => {
    const retail = { ...booked, total };
    expect(meant({ success: true, retail })).toMatchObject({
      kind: 'done',
      result: {
        payable: money(total, 'RUB'),
        warnings: [{ code: 'provider-figures-differ', pointer: '/receipt/total' }],
      },
    });
    // Elsewhere, less is a discount.
    const { result } = meant({ success: true, retail: { ...retail, type: 'discount' } }) as {
      result: object;
    };
    expect(result).not.toHaveProperty('warnings');
  });

  it('does not show the redeemed points once more as negative earned ones', () => {
    const done = (earn: number) => meant({ success: true, retail: { ...booked, earn } });
    expect(done(-500)).toMatchObject({ kind: 'done', result: { earnedPoints: '0' } });
    expect(done(-7)).toMatchObject({
      kind: 'done',
      result: { earnedPoints: '-7', warnings: [{ code: 'provider-figures-differ' }] },
    });
  });

  it('may contain redeemed points as a negative number', () => {
    expect(meant({ success: true, retail: { ...booked, spend: -500 } })).toMatchObject({
      kind: 'done',
      result: { redeemedPoints: '500', payable: money('500', 'RUB'), discount: money('0', 'RUB') },
    });
  });
});
