import 'reflect-metadata';
import { IsInt, IsOptional, IsString, Max } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { bodyExamples } from './examples.js';
import * as canonical from './index.js';
import { readBody, readQuery, Refusal, type Class } from './index.js';

const rub = (amount: unknown) => ({ amount, currency: 'RUB' });
const phone = { type: 'phone', value: '+79031234567' };
const sale = { identifier: phone, merchantReference: 'order-1', receipt: { total: rub('10.00') } };
const withTotal = (total: unknown) => ({ ...sale, receipt: { total } });

function refusalOf(read: () => unknown): Refusal {
  try {
    read();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

function verdict(read: () => unknown): [number, string, (string | undefined)?] {
  const refusal = refusalOf(read);
  return [
    refusal.status,
    refusal.code,
    refusal.members.errors?.find(one => one.code === refusal.code)?.pointer,
  ];
}

const purchase = (body: unknown) => verdict(() => readBody(canonical.PurchaseCreate, body));

describe('readBody', () => {
  it('makes an instance of the class, parts included', () => {
    const read = readBody(canonical.PurchaseCreate, sale);
    expect(read).toBeInstanceOf(canonical.PurchaseCreate);
    expect(read.receipt.total).toBeInstanceOf(canonical.Money);
    expect({ ...read, receipt: { ...read.receipt } }).toMatchObject({ merchantReference: 'order-1' });
  });

  it('takes an absent body as {}', () => {
    expect(readBody(canonical.HoldRelease, undefined)).toEqual({});
  });

  it.each([
    ['money as a number', withTotal(rub(10)), 400, 'money-not-string', '/receipt/total/amount'],
    ['a number in place of money', withTotal(10), 400, 'money-not-string', '/receipt/total'],
    ['a text in place of money', withTotal('10'), 400, 'invalid-parameter', '/receipt/total'],
    ['an array in place of money', withTotal([rub('1')]), 400, 'invalid-parameter', '/receipt/total'],
    ['a third decimal of RUB', withTotal(rub('10.001')), 422, 'amount-scale', '/receipt/total/amount'],
    ['a third of 100', withTotal(rub(String(100 / 3))), 422, 'amount-scale', '/receipt/total/amount'],
    [
      'a third of 100 points',
      { ...sale, receipt: { ...sale.receipt, redeemPoints: String(100 / 3) } },
      422,
      'amount-scale',
      '/receipt/redeemPoints',
    ],
    [
      'more than anybody has',
      withTotal(rub('1234567890123456')),
      422,
      'validation-failed',
      '/receipt/total/amount',
    ],
    [
      'a decimal of JPY',
      withTotal({ amount: '1.0', currency: 'JPY' }),
      422,
      'amount-scale',
      '/receipt/total/amount',
    ],
    ['a negative total', withTotal(rub('-1')), 422, 'validation-failed', '/receipt/total/amount'],
    ['a word for money', withTotal(rub('ten')), 422, 'validation-failed', '/receipt/total/amount'],
    [
      'money without an amount',
      withTotal({ currency: 'RUB' }),
      422,
      'validation-failed',
      '/receipt/total/amount',
    ],
    ['an exponent', withTotal(rub('1e3')), 422, 'validation-failed', '/receipt/total/amount'],
    [
      'a small-letter currency',
      withTotal({ amount: '1', currency: 'rub' }),
      422,
      'validation-failed',
      '/receipt/total/currency',
    ],
    ['an unknown field', { ...sale, total: 1 }, 400, 'unknown-field', '/total'],
    [
      'an unknown field below',
      withTotal({ ...rub('1'), 'a/b~c': 1 }),
      400,
      'unknown-field',
      '/receipt/total/a~1b~0c',
    ],
    [
      'a number for a text',
      { ...sale, merchantReference: 7 },
      400,
      'invalid-parameter',
      '/merchantReference',
    ],
    ['null where nothing is null', { ...sale, metadata: null }, 400, 'invalid-parameter', '/metadata'],
    [
      'a reference of 65',
      { ...sale, merchantReference: 'x'.repeat(65) },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    [
      'an empty reference',
      { ...sale, merchantReference: '' },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    [
      'a blank reference',
      { ...sale, merchantReference: '  ' },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    [
      'a reference in two lines',
      { ...sale, merchantReference: 'a\nb' },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    [
      'a missing reference',
      { ...sale, merchantReference: undefined },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    ['two identities', { ...sale, identityToken: 'x' }, 422, 'validation-failed', ''],
    ['no identity', { ...sale, identifier: undefined }, 422, 'validation-failed', ''],
    [
      'a local phone',
      { ...sale, identifier: { type: 'phone', value: '89031234567' } },
      422,
      'validation-failed',
      '/identifier/value',
    ],
    [
      'a code as a number',
      { ...sale, identifier: { type: 'code', value: 12345 } },
      400,
      'invalid-parameter',
      '/identifier/value',
    ],
    ['metadata that is no text', { ...sale, metadata: { a: 1 } }, 400, 'invalid-parameter', '/metadata/a'],
    [
      'metadata without end',
      { ...sale, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, ''])) },
      422,
      'validation-failed',
      '/metadata',
    ],
    [
      'a NUL character',
      { ...sale, merchantReference: 'a\0b' },
      422,
      'validation-failed',
      '/merchantReference',
    ],
    ['a NUL in a name', { ...sale, metadata: { 'a\0b': 'x' } }, 400, 'unknown-field', '/metadata/a\0b'],
    [
      'half a surrogate pair',
      { ...sale, metadata: { a: '\ud800' } },
      422,
      'validation-failed',
      '/metadata/a',
    ],
    ['an array', [], 400, 'invalid-parameter', ''],
    ['null', null, 400, 'invalid-parameter', ''],
    ['a text', 'x', 400, 'invalid-parameter', ''],
  ])('refuses %s', (_, body, status, code, pointer) => {
    expect(purchase(body)).toEqual([status, code, pointer]);
  });

  it('names the fields that there are beside an unknown one', () => {
    const details = (read: () => unknown) => refusalOf(read).members.errors!.map(({ detail }) => detail);
    expect(
      details(() => readBody(canonical.PurchaseCreate, withTotal({ ...rub('1'), points: '1' }))),
    ).toEqual(['Unknown field. Expected one of: amount, currency.']);
    const [payout] = details(() => readBody(canonical.PayoutCreate, { methodId: '1', account: 'U1', a: 1 }));
    expect(payout).toBe('Unknown field. Expected one of: methodId, account.');
  });

  it('refuses keys that reach a prototype, and assigns nothing', () => {
    const body: unknown = JSON.parse('{"__proto__": {"polluted": true}, "metadata": {"constructor": "x"}}');
    const pointers = refusalOf(() => readBody(canonical.PurchaseCreate, body)).members.errors!.map(
      one => one.pointer,
    );
    expect(pointers).toEqual(['/__proto__', '/metadata/constructor']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('stops at 16 levels, also below a free-form field', () => {
    const nest = (levels: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level++) value = { a: value };
      return value;
    };
    const body = (levels: number) => ({ provider: 'uds', credentials: nest(levels) });
    expect(readBody(canonical.ConnectionCreate, body(15))).toBeInstanceOf(canonical.ConnectionCreate);
    expect(verdict(() => readBody(canonical.ConnectionCreate, body(16)))[1]).toBe('invalid-parameter');
    expect(verdict(() => readBody(canonical.ConnectionCreate, body(100_000)))[1]).toBe('invalid-parameter');
  });

  it('limits the number of errors reported for a body', () => {
    const body = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${'x'.repeat(1000)}${i}`, i]));
    const refusal = refusalOf(() => readBody(canonical.HoldRelease, body));
    expect(refusal.members.errors).toHaveLength(50);
    expect(refusal.members.errors![0]!.pointer.length).toBeLessThanOrEqual(256);
    expect(refusal.detail).toContain('400 faults');
  });

  it.each<[string, object]>([
    ['/receipt/total', withTotal(['100', 'RUB'])],
    ['/receipt', { ...sale, receipt: ['x', {}] }],
    ['/identifier', { ...sale, identifier: ['x'] }],
  ])('says of a list in place of an object only that: %s', (pointer, body) => {
    const { errors } = refusalOf(() => readBody(canonical.PurchaseCreate, body)).members;
    expect(errors!.map(fault => fault.pointer)).toEqual([pointer]);
  });

  it.each([
    [{ type: 'webhook' }, 'A webhook needs a `url`.'],
    [{ type: 'queue' }, 'A queue needs a `name`.'],
    [{ type: 'webhook', url: 'https://x.example', name: 'x' }, 'A webhook takes only a `url`.'],
    [{ type: 'queue', url: 'https://x.example', name: 'x' }, 'A queue takes only a `name`.'],
  ])('says what a target lacks, or has too much of: %j', (target, detail) => {
    const refusal = refusalOf(() => readBody(canonical.SubscriptionCreate, { target, events: ['*'] }));
    expect(refusal.members.errors).toEqual([{ pointer: '/target', code: 'validation-failed', detail }]);
  });

  it.each<[string, (count: number) => object]>([
    ['names', count => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1]))],
    [
      'names below a field',
      count => ({ metadata: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'a'])) }),
    ],
    ['items', count => ({ holdIds: Array.from({ length: count }, () => 1) })],
    ['items in items', count => ({ holdIds: Array.from({ length: count / 10 }, () => Array(10).fill([])) })],
  ])('does not check each of very many %s', (_, bodyOf) => {
    const refusal = refusalOf(() => readBody(canonical.PurchaseCreate, bodyOf(20_000)));
    expect(refusal.code).toBe('invalid-parameter');
    expect(refusal.members.errors).toEqual([
      expect.objectContaining({ pointer: '', detail: 'There are more than 500 names and items in all.' }),
    ]);
    expect(refusalOf(() => readBody(canonical.PurchaseCreate, bodyOf(400))).detail).not.toMatch(/in all/);
  });

  it('checks types before values, and reports every field', () => {
    const refusal = refusalOf(() => readBody(canonical.PurchaseCreate, { merchantReference: 5 }));
    expect(refusal.code).toBe('invalid-parameter');
    expect(refusal.members.errors).toHaveLength(3);
    expect(refusal.detail).toContain('/merchantReference');
  });

  it('has a code of its own for the length of a hold, and for the amount of a payout', () => {
    const hold = { identityToken: 'x', points: '5', durationSeconds: 1801 };
    expect(verdict(() => readBody(canonical.HoldCreate, hold))).toEqual([
      422,
      'hold-duration-out-of-range',
      '/durationSeconds',
    ]);
    const payout = { methodId: '1', account: 'U1', amount: rub('5') };
    expect(verdict(() => readBody(canonical.PayoutCreate, payout))).toEqual([
      422,
      'unsupported-field',
      '/amount',
    ]);
  });

  it.each([{}, { identifier: { type: 'code', value: '123456' } }])(
    'says by what a customer is looked up where a `customerId` is sent, beside %j',
    body => {
      const refusal = refusalOf(() => readBody(canonical.LookupRequest, { ...body, customerId: 1234 }));
      expect([refusal.status, refusal.code]).toEqual([422, 'unsupported-field']);
      expect(refusal.detail).toMatch(/^\/customerId: .*a code, a phone or a uid/);
    },
  );

  it('refuses points given as numbers, negatives or thousandths', () => {
    const hold = (points: unknown) =>
      verdict(() => readBody(canonical.HoldCreate, { identityToken: 'x', points })).slice(0, 2);
    const odd = [hold(5), hold('-5'), hold('0'), hold('many'), hold('1e3'), hold('5.001')];
    expect(odd).toEqual([
      [400, 'invalid-parameter'],
      [422, 'validation-failed'],
      [422, 'validation-failed'],
      [422, 'validation-failed'],
      [422, 'validation-failed'],
      [422, 'amount-scale'],
    ]);
  });

  it('refuses a refund of nothing, and one of less', () => {
    const refund = (amount: string) =>
      verdict(() => readBody(canonical.RefundCreate, { merchantReference: 'r-1', amount: rub(amount) }));
    const refused = [422, 'validation-failed', '/amount/amount'];
    expect([refund('0.00'), refund('-0'), refund('-1')]).toEqual([refused, refused, refused]);
  });

  it.each(['0', '-0', '0.00'])('accepts a receipt of %s', total => {
    expect(readBody(canonical.PurchaseCreate, withTotal(rub(total)))).toMatchObject(withTotal(rub(total)));
  });

  it('accepts a change of balance by less than nothing', () => {
    const delta = rub('-1.50');
    expect(readBody(canonical.BalanceAdjustmentCreate, { delta })).toMatchObject({ delta });
  });

  it('reports pointers from the root of the body', () => {
    expect(verdict(() => readBody(canonical.ConnectionRateLimit, {}, '/body'))[2]).toBe(
      '/body/requestsPerSecond',
    );
  });

  it('reads classes of plain class-validator decorators too', () => {
    class Settings {
      @IsOptional()
      @IsString()
      currency?: string;

      @Max(10, { context: { code: 'unsupported-field' } })
      @IsInt()
      depth!: number;
    }
    const settings = (body: unknown) => verdict(() => readBody(Settings, body));
    expect(settings({ depth: 'x' })[1]).toBe('invalid-parameter');
    expect(settings({ depth: 11 })[1]).toBe('unsupported-field');
    expect(settings({ depth: 1.5 })[1]).toBe('validation-failed');
    expect(settings({ depth: 1, currency: 5 })).toEqual([400, 'invalid-parameter', '/currency']);
    expect(readBody(Settings, { depth: 1 })).toEqual({ depth: 1 });
  });

  it.each(Object.entries(bodyExamples))('accepts the examples of %s', (name, examples) => {
    const type = (canonical as unknown as Record<string, Class>)[name]!;
    for (const { value } of Object.values(examples)) expect(readBody(type, value)).toBeInstanceOf(type);
  });
});

describe('readQuery', () => {
  it('reads texts as the types of the fields, with their defaults', () => {
    const query = readQuery(canonical.StatisticsQuery, { subject: 'sites', ids: '1,2', from: '2026-11-01' });
    expect(query).toEqual({
      limit: 25,
      groupBy: 'none',
      subject: 'sites',
      ids: ['1', '2'],
      from: '2026-11-01',
    });
    expect(readQuery(canonical.ListQuery, { limit: '100', cursor: undefined }).limit).toBe(100);
  });

  it.each([
    ['0', { limit: '0' }, '/query/limit'],
    ['101', { limit: '101' }, '/query/limit'],
    ['a word', { limit: 'many' }, '/query/limit'],
    ['a parameter given twice', { limit: ['1', '2'] }, '/query/limit'],
    ['an unknown parameter', { limits: '1' }, '/query/limits'],
    ['a prototype', JSON.parse('{"__proto__": "x"}') as Record<string, unknown>, '/query/__proto__'],
  ])('refuses %s as 400 invalid-parameter', (_, query, pointer) => {
    expect(verdict(() => readQuery(canonical.ListQuery, query))).toEqual([400, 'invalid-parameter', pointer]);
  });
});
