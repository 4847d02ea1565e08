import { reader } from '#adapter-kit';
import { describe, expect, it } from 'vitest';
import { purchaseOf, readEntry } from './operation.js';
import type { LedgerEntry, SentPurchase } from './operation.js';
import { rub, sale, Till } from './till.testing.js';

const booked = (entry: Partial<LedgerEntry>, cash?: string) =>
  purchaseOf(
    { id: '1', state: 'normal', customer: {}, total: '1000', ...entry },
    {
      total: rub('1000.00'),
      points: '100',
      cash: cash === undefined ? undefined : rub(cash),
      number: 'n',
      earnRates: [],
    },
  )!;
const figuresOf = ({
  redeemedPoints,
  earnedPoints,
  discount,
  payable,
  warnings,
}: ReturnType<typeof booked>) => [
  redeemedPoints,
  earnedPoints,
  discount.amount,
  payable.amount,
  warnings!.map(({ pointer }) => pointer),
];
const [cashDiffers, pointsDiffer] = ['/receipt/expectedPayable', '/receipt/redeemPoints'];

describe('the figures of a booked purchase', () => {
  it.each([
    ['all 100', { cash: '900', points: '-100' }, ['100', '0', '0.00', '900.00', []]],
    ['all 100, and 45 earned', { cash: '900', points: '-55' }, ['100', '45', '0.00', '900.00', []]],
    ['60 alone', { cash: '940', points: '-60' }, ['60', '0', '0.00', '940.00', [cashDiffers, pointsDiffer]]],
    [
      '60, and 47 earned',
      { cash: '940', points: '-13' },
      ['60', '47', '0.00', '940.00', [cashDiffers, pointsDiffer]],
    ],
    ['none', { cash: '1000', points: '0' }, ['0', '0', '0.00', '1000.00', [cashDiffers, pointsDiffer]]],
  ])('where UDS redeemed %s of 100', (_what, entry, figures) => {
    expect(figuresOf(booked(entry, '900.00'))).toEqual(figures);
    // For a purchase found in the ledger, the sent sum is no longer known.
    expect(figuresOf(booked(entry)).slice(0, 4)).toEqual(figures.slice(0, 4));
  });

  it.each([
    ['a smaller discount', { cash: '840', points: '-100' }, ['100', '0', '60.00', '840.00', [cashDiffers]]],
    [
      'fewer points beside the discount',
      { cash: '840', points: '-60' },
      ['60', '0', '100.00', '840.00', [cashDiffers, pointsDiffer]],
    ],
  ])('tell %s', (_what, entry, figures) => {
    expect(figuresOf(booked(entry, '800.00'))).toEqual(figures);
  });

  it('contain a warning for another total', () => {
    const entry = { total: '1010', cash: '910', points: '-100' };
    expect(figuresOf(booked(entry, '900.00'))).toEqual([
      '100',
      '0',
      '0.00',
      '910.00',
      ['/receipt/total', cashDiffers],
    ]);
  });

  it('are told with a warning where UDS answers other ones', () => {
    const till = new Till();
    till.wire = (answer, { path }) =>
      path === '/operations' ? { ...answer, body: { ...(answer.body as object), cash: 999 } } : answer;
    expect(till.buys(sale())).toMatchObject({ warnings: [{ pointer: cashDiffers }] });
  });

  // 10 % of 2,000.00 is twice what was redeemed: +200 − 100.
  it('tell what was earned also where UDS sends as many points as were redeemed', () => {
    const ask = sale({ total: rub('2100.00'), redeemPoints: '100' });
    const till = new Till();
    const earned = { redeemedPoints: '100', earnedPoints: '200', warnings: [] };
    expect(till.buys(ask)).toMatchObject(earned);
    expect(till.judges(ask)).toMatchObject({ verdict: 'executed', result: earned });
    const excludedTotal = rub('500.00');
    const more = new Till().buys(sale({ total: rub('2600.00'), redeemPoints: '100', excludedTotal }));
    expect(more).toMatchObject(earned);
  });

  it.each([{}, { policy: 'APPLY_DISCOUNT' } as const])(
    'are read with the sign of redeemed points as the schema also has it, where no tier earns twice as many: %j',
    options => {
      const till = new Till(options);
      till.wire = (answer, { path }) =>
        path === '/operations' ? { ...answer, body: { ...(answer.body as object), points: 100 } } : answer;
      expect(till.buys(sale({ total: rub('3100.00'), redeemPoints: '100' }))).toMatchObject({
        redeemedPoints: '100',
        earnedPoints: options.policy ? '0' : undefined,
      });
    },
  );

  const earnedOf = (points: string, sent: Partial<SentPurchase>, cash = '900') =>
    purchaseOf(
      { id: '1', state: 'normal', customer: {}, total: '1000', cash, points },
      { total: rub('1000.00'), points: '100', number: 'n', ...sent },
    )!.earnedPoints;

  // UDS may send the redeemed points alone.
  it.each([
    ['at a rate of the programme', '-100', { earnRates: ['0', '5'] }],
    ['at rates that are not known', '-100', {}],
    ['though more were taken than sent', '-150', { earnRates: ['5'] }],
    ['for the part that is not excluded', '-100', { earnRates: ['5'], skipLoyaltyTotal: '999' }],
  ])('do not tell what was earned beside the redeemed points %s', (_how, points, sent) => {
    expect(earnedOf(points, sent)).toBeUndefined();
  });

  it.each([
    ['the programme gives a discount', { earnRates: [] }, '900', '-100'],
    ['the rate is 0', { earnRates: ['0'] }, '900', '-100'],
    ['the whole total is excluded', { earnRates: ['5'], skipLoyaltyTotal: '1000' }, '900', '-100'],
    ['too little is paid for a hundredth of a point', { earnRates: ['5'] }, '0.19', '-100'],
    ['no points were redeemed', { earnRates: ['5'], points: '0' }, '1000', '0'],
  ])('tell that nothing was earned where %s', (_why, sent, cash, points) => {
    expect(earnedOf(points, sent, cash)).toBe('0');
  });

  it('do not say what was earned where UDS shows the redeemed points alone', () => {
    const till = new Till({ operationPoints: 'redeemed' });
    const bought = till.buys(sale({ redeemPoints: '240' }));
    expect(bought).toMatchObject({ redeemedPoints: '240', warnings: [] });
    expect(bought.earnedPoints).toBeUndefined();
  });

  it('do not say that nothing was earned where the tiers of the company are not shown', () => {
    const till = new Till({ operationPoints: 'redeemed' });
    till.wire = (answer, { path }) =>
      path === '/settings'
        ? { ...answer, body: { ...(answer.body as object), loyaltyProgramSettings: {} } }
        : answer;
    expect(till.buys(sale({ redeemPoints: '240' })).earnedPoints).toBeUndefined();
  });

  it.each([1e21, '1e15', -1e15])('are no amounts with more digits than any amount has: %s', huge => {
    expect(readEntry(reader({ points: huge, total: huge, cash: huge }))).toMatchObject({
      points: undefined,
      total: undefined,
      cash: undefined,
    });
    expect(readEntry(reader({ points: 999_999_999_999_999 }))).toMatchObject({ points: '999999999999999' });
  });
});
