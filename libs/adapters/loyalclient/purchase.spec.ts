import { Unanswered } from '#adapter-kit';
import type { Send } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { PurchaseAsk, PurchaseData } from '#canonical';
import { describe, expect, it } from 'vitest';
import { createPurchase } from './purchase.js';
import { LoyalClientSettings } from './settings.js';
import { Till, anna, annaId, purchase, refusedCode, rub } from './till.testing.js';

describe('LoyalClient: purchases', () => {
  it('earns or redeems, and warns about fields that LoyalClient does not have', () => {
    const till = new Till();
    expect(till.does('createPurchase', purchase())).toMatchObject({
      redeemedPoints: '0',
      earnedPoints: '100',
    });
    expect(till.sent).toEqual(['client-balance', 'retail']);
    const withCashier = purchase({ redeemPoints: '500', cashier: { externalId: 'till-7' } });
    expect(till.does('createPurchase', withCashier)).toMatchObject({
      payable: rub('500.00'),
      redeemedPoints: '500',
      earnedPoints: '0',
      warnings: [{ code: 'not-transmitted', pointer: '/cashier' }],
    });
  });

  it('keeps no personal data in its steps', () => {
    const till = new Till();
    till.does('createPurchase', purchase());
    expect(JSON.stringify(till.before)).not.toMatch(/Anna|example\.com|7903/);
  });

  it('sends no request for points at a discount level', () => {
    const till = new Till();
    const oleg = { identifier: { type: 'code', value: '700700' } } as const;
    const code = refusedCode(till, () =>
      till.does('createPurchase', purchase({ subject: oleg, redeemPoints: '1' })),
    );
    expect(code).toEqual(['redeem-limit-exceeded', 'client-balance']);
    expect(till.does('createPurchase', purchase({ subject: oleg }))).toMatchObject({
      discount: rub('70.00'),
    });
  });

  it('refuses before booking if the till expects another amount', () => {
    const till = new Till();
    const receipt = { total: rub('1000.00'), redeemPoints: '100', expectedPayable: rub('901.00') };
    const code = refusedCode(till, () => till.does('createPurchase', purchase({ receipt })));
    expect(code).toEqual(['amount-mismatch', 'client-balance']);
  });

  it.each([
    ['930.00', ['client-balance', 'recalc', 'retail']],
    ['1000.00', ['amount-mismatch', 'client-balance', 'recalc']],
  ])('asks what a discount leaves to pay if the till expects an amount: %s', (amount, sent) => {
    const till = new Till();
    const subject = { identifier: { type: 'code', value: '700700' } } as const;
    const ask = purchase({ subject, receipt: { total: rub('1000.00'), expectedPayable: rub(amount) } });
    const act = () => till.does('createPurchase', ask);
    expect(sent[0] === 'amount-mismatch' ? refusedCode(till, act) : (act(), till.sent)).toEqual(sent);
  });

  it('warns if another amount was booked than was calculated before', () => {
    const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' });
    const receipt = { total: rub('1000.00'), expectedPayable: rub('1000.00') };
    const plan = createPurchase.run(purchase({ receipt }), { settings, now: new Date() });
    expect(plan.next().value).toMatchObject({ exchange: { name: 'client-balance' } });
    const { value } = plan.next({ clientId: annaId, kind: 'cashback' });
    expect(value).toMatchObject({ exchange: { name: 'retail' } });
    // Nothing was sent before: other writes of the client do not stop it.
    expect((value as Send).ifUnmoved).toBeUndefined();
    const booked = {
      payable: rub('900.00'),
      redeemedPoints: '0',
      earnedPoints: '0',
      discount: rub('100.00'),
    };
    expect(plan.next(booked).value).toMatchObject({
      ...booked,
      warnings: [{ code: 'amount-mismatch', pointer: '/receipt/expectedPayable' }],
    });
  });

  it('uses the client’s id if the code has expired, and stops if the code belongs to another client', () => {
    const till = new Till();
    const ended = { refs: { clientId: annaId }, identifier: { type: 'code', value: '999999' } } as const;
    till.does('createPurchase', purchase({ subject: ended }));
    expect(till.sent).toEqual(['client-balance', 'recalc-balance', 'retail']);
    const moved = { refs: { clientId: annaId }, identifier: { type: 'code', value: '007007' } } as const;
    const other = new Till();
    const code = refusedCode(other, () => other.does('createPurchase', purchase({ subject: moved })));
    expect(code).toEqual(['identity-token-expired', 'client-balance']);
  });

  it('is not refused because of the artificial sum of its balance request', () => {
    const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' });
    const plan = () => {
      const run = createPurchase.run(purchase({ subject: { refs: { clientId: annaId } } }), {
        settings,
        now: new Date(),
      });
      expect(run.next().value).toMatchObject({ exchange: { name: 'recalc-balance' } });
      return run;
    };
    const tooMuch = new Refusal('provider-rejected', { detail: 'Amount is too large.' });
    expect(plan().throw(tooMuch).value).toMatchObject({
      exchange: { name: 'retail' },
      ask: { clientId: annaId, total: rub('1000.00') },
    });
    expect(() => plan().throw(new Refusal('location-unknown'))).toThrow(Refusal);
  });

  it('names its own hold, otherwise the held points would be missing', () => {
    const till = new Till();
    const hold = { subject: { identifier: anna }, points: '800', durationSeconds: 61 };
    const held = till.does('createHold', hold) as { refs: Record<string, string>; until: Date };
    expect(held.until).toEqual(new Date('2026-01-15T12:02:00.000Z'));
    const without = refusedCode(till, () => till.does('createPurchase', purchase({ redeemPoints: '800' })));
    expect(without[0]).toBe('redeem-limit-exceeded');
    const holds = [{ refs: held.refs, points: '800' }];
    expect(till.does('createPurchase', purchase({ redeemPoints: '800', holds }))).toMatchObject({
      redeemedPoints: '800',
    });
    expect(till.does('releaseHold', { refs: held.refs })).toEqual({ verified: false });
  });

  it('books nothing with a hold of another client, once the client is known', () => {
    const till = new Till();
    const holds = [
      { refs: { holdId: 'h-1' }, points: '1', holder: { clientId: 'another' } },
      { refs: { holdId: 'h-2' }, points: '1', holder: { clientId: annaId } },
    ];
    const code = refusedCode(till, () => till.does('createPurchase', purchase({ holds })));
    expect(code).toEqual(['validation-failed', 'client-balance']);
  });
});

describe('LoyalClient: a purchase that is refused', () => {
  const repeating = () => Object.assign(new Till(), { repeats: true });

  it.each([
    ['by phone', { identifier: anna }, '500', 'client-balance-after'],
    ['by id', { refs: { clientId: annaId } }, '500', 'recalc-balance-after'],
    ['all of them', { identifier: anna }, '878', 'client-balance-after'],
  ])('is not told so where the points are gone: it came twice (%s)', (_name, subject, redeemPoints, look) => {
    const till = repeating();
    const ask = purchase({ redeemPoints, subject });
    expect(() => till.does('createPurchase', ask)).toThrow(Unanswered);
    expect(till.sent.at(-1)).toBe(look);
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', evidence: 'weak' });
  });

  it('is told so after one look where the balance is what it was', () => {
    const maria = { identifier: { type: 'card', value: '2000000000024' } } as const;
    const till = new Till();
    const code = refusedCode(till, () =>
      till.does('createPurchase', purchase({ subject: maria, redeemPoints: '301' })),
    );
    expect(code).toEqual(['redeem-limit-exceeded', 'client-balance', 'retail', 'client-balance-after']);
  });

  it('is told so without a look where there were fewer points before', () => {
    const till = new Till();
    const code = refusedCode(till, () => till.does('createPurchase', purchase({ redeemPoints: '879' })));
    expect(code).toEqual(['redeem-limit-exceeded', 'client-balance', 'retail']);
  });

  describe('by a code', () => {
    const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' });
    const refused = new Refusal('redeem-limit-exceeded', { provider: { name: 'loyalclient', status: 422 } });
    const booking = (subject: PurchaseAsk['subject'], redeemPoints = '500', before = {}) => {
      const ask = purchase({ redeemPoints, subject });
      const plan = createPurchase.run(ask, { settings, now: new Date() });
      plan.next();
      plan.next({ clientId: annaId, kind: 'cashback', balance: '878', ...before });
      return plan;
    };
    const byCode = { identifier: { type: 'code', value: '012345' } } as const;

    it('is told so where the balance cannot be read', () => {
      const plan = booking(byCode);
      plan.throw(refused);
      expect(() => plan.throw(new Unanswered('lost'))).toThrow(refused);
    });

    it.each(['by the code', 'by the id'])('hides no bug of ours in reading the balance %s', way => {
      const plan = booking(byCode);
      plan.throw(refused);
      if (way === 'by the id') plan.throw(new Refusal('customer-not-found'));
      const bug = new TypeError('x is not a function');
      expect(() => plan.throw(bug)).toThrow(bug);
    });

    it('is not told so where the code died with the points, which are gone by the id', () => {
      const plan = booking(byCode);
      plan.throw(refused);
      const next = plan.throw(new Refusal('customer-not-found')).value;
      expect(next).toMatchObject({ exchange: { name: 'recalc-balance-after' } });
      expect(() => plan.next({ clientId: annaId, balance: '378' })).toThrow(Unanswered);
    });

    it.each([
      ['spends: another register took fewer points than it would', '500', '858'],
      ['earns: another register took points', '0', '778'],
    ])('is told so beside a change that it cannot have made (%s)', (_name, redeemPoints, balance) => {
      const plan = booking(byCode, redeemPoints);
      plan.throw(refused);
      expect(() => plan.next({ clientId: annaId, kind: 'cashback', balance })).toThrow(refused);
    });

    it.each([
      ['customer-blocked', '0.5', {}],
      ['location-unknown', '500', {}],
      ['redeem-limit-exceeded', '500', { balance: undefined }],
      ['provider-rejected', '0', { kind: 'discount', balance: '0' }],
    ] as const)('is told so without a look: %s', (code, redeemPoints, before) => {
      const told = new Refusal(code);
      expect(() => booking(byCode, redeemPoints, before).throw(told)).toThrow(told);
    });
  });
});

describe('LoyalClient: a purchase that was answered 429', () => {
  const settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' });
  const first = new Date('2026-01-15T11:59:00.000Z');
  const byId = { refs: { clientId: annaId } };
  /** The second attempt, which has what the first one read, until it looks. */
  const again = (ask: PurchaseAsk, before: object) => {
    const plan = createPurchase.run(ask, { settings, now: new Date(), firstSentAt: first });
    plan.next();
    return { plan, look: plan.next({ clientId: annaId, kind: 'cashback', ...before }).value };
  };

  it.each([
    ['by phone', { identifier: anna }, 'client-balance-after'],
    ['by id', byId, 'recalc-balance-after'],
  ])('is sent again where the balance, read anew, is what it was (%s)', (_name, subject, look) => {
    const till = Object.assign(new Till(), { firstSentAt: first });
    expect(till.does('createPurchase', purchase({ subject }))).toMatchObject({ earnedPoints: '100' });
    expect(till.sent.slice(1)).toEqual([look, 'retail']);
  });

  it.each([
    [{ identifier: { type: 'code', value: '700700' } }, 'client-balance'],
    [{ refs: { clientId: '62ac00000000000000000003' } }, 'recalc-balance'],
  ] as const)('is sent again where it moves no points: a discount for %j', (subject, look) => {
    const till = Object.assign(new Till(), { firstSentAt: first });
    till.does('createPurchase', purchase({ subject }));
    expect(till.sent).toEqual([look, `${look}-after`, 'retail']);
  });

  it('is not sent again by id where it redeems: a limit of points per receipt may hide that they are gone', () => {
    const { plan } = again(purchase({ subject: byId, redeemPoints: '100' }), { balance: '878' });
    expect(() => plan.next({ clientId: annaId, balance: '878' })).toThrow(Unanswered);
  });

  it.each([
    ['is not what it was', { balance: '878' }, { clientId: annaId, balance: '978' }],
    ['is not shown', { balance: '878' }, { clientId: annaId }],
    ['was not shown before', {}, { clientId: annaId, balance: '878' }],
    ['is another client’s', { balance: '878' }, { clientId: 'another', balance: '878' }],
  ])('is not sent again where the balance %s', (_what, before, after) => {
    const { plan, look } = again(purchase(), before);
    expect(look).toMatchObject({ exchange: { name: 'client-balance-after' }, anew: true });
    expect(() => plan.next(after)).toThrow(Unanswered);
  });

  it.each([new Unanswered('lost'), new Refusal('customer-blocked')])(
    'is not sent again where the balance cannot be read: %s',
    error => {
      const { plan } = again(purchase(), { balance: '878' });
      expect(() => {
        plan.throw(error);
        plan.throw(error);
      }).toThrow(Unanswered);
    },
  );

  it('is not sent again where a balance of 0 may be one that is not shown', () => {
    const { plan, look } = again(purchase({ subject: byId }), { balance: '0' });
    expect(look).toMatchObject({ exchange: { name: 'recalc-balance-after' }, anew: true });
    expect(() => plan.next({ clientId: annaId, balance: '0' })).toThrow(Unanswered);
    const shown = again(purchase(), { balance: '0' });
    expect(shown.plan.next({ clientId: annaId, balance: '0' }).value).toMatchObject({
      exchange: { name: 'retail' },
    });
  });

  it.each([
    ['cashback', true],
    ['discount', undefined],
  ])('is sent again only where no other write moved the balance, if it moves one (%s)', (kind, ifUnmoved) => {
    const { plan } = again(purchase(), { kind, balance: '878' });
    const { value } = plan.next({ clientId: annaId, balance: '878' });
    expect(value).toMatchObject({ exchange: { name: 'retail' } });
    expect((value as Send).ifUnmoved).toBe(ifUnmoved);
  });
});

describe('LoyalClient: a lost answer, reconciled by the balance', () => {
  const byId = { refs: { clientId: annaId } };
  const cases = [
    ['redeemed by phone', purchase({ redeemPoints: '100' })],
    ['redeemed by id', purchase({ redeemPoints: '100', subject: byId })],
    ['earned by phone', purchase()],
    ['earned by id', purchase({ subject: byId })],
  ] as const;

  it.each(cases)('%s: found if executed, absent if not, unclear if more happened', (_name, ask) => {
    const till = new Till();
    const { customer: _, rate: _rate, ...done } = till.does('createPurchase', ask) as PurchaseData;
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', evidence: 'weak', result: done });

    till.elsewhere(500, 50);
    expect(till.judges(ask)).toMatchObject({ verdict: 'inconclusive', final: false });
    // Nobody waits a day for what no look can find out.
    expect(till.judges(ask, false, 60_000)).toMatchObject({ verdict: 'inconclusive', final: true });

    const untouched = new Till();
    Object.assign(untouched.before, till.before);
    expect(untouched.judges(ask)).toEqual({ verdict: 'absent', evidence: 'weak' });
  });

  it('finds what was earned by a client who had no points', () => {
    const till = new Till();
    const ask = purchase({ subject: { identifier: { type: 'card', value: '0000000000048' } } });
    till.does('createPurchase', ask);
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', result: { earnedPoints: '30' } });
  });

  it('is unclear for discounts, for purchases that earn nothing, and without an earlier balance', () => {
    const oleg = { identifier: { type: 'code', value: '700700' } } as const;
    const tiny = { total: rub('0.01') };
    for (const ask of [purchase({ subject: oleg }), purchase({ receipt: tiny })]) {
      const till = new Till();
      till.does('createPurchase', ask);
      expect(till.judges(ask)).toMatchObject({ verdict: 'inconclusive', final: true });
    }
    expect(new Till().judges(purchase())).toMatchObject({ verdict: 'inconclusive', final: true });
  });

  it('ignores the balance, without a request, if another write of the client ran at the same time', () => {
    const till = new Till();
    till.does('createPurchase', purchase({ redeemPoints: '100' }));
    const { length } = till.sent;
    expect(till.judges(purchase({ redeemPoints: '100' }), true)).toMatchObject({
      verdict: 'inconclusive',
      final: true,
    });
    expect(till.sent).toHaveLength(length);
  });
});
