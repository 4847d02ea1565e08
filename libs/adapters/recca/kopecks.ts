import { NO_CURRENCY, exact, isCurrency, money, plainText, refusalAt, scaleOf } from '#canonical';
import type { Money } from '#canonical';
import type { Reader } from '#adapter-kit';
import { wireNumber } from '#adapter-kit';

const ROUBLE = 'RUB';

/** The code of a currency as we write it: RUR was that of the rouble until 1998, and still is in many a cabinet. */
export function currencyOf(told: string): string {
  const code = told.trim().toUpperCase();
  return code === 'RUR' ? ROUBLE : code;
}

// Anywhere in the text, which may have other words: "12,8 тыс. ₽". Belarus has roubles of its own.
const SHOWS_ROUBLES = /(?<!\p{L}|бел\p{L}*\.?\s?)(?:₽|р|руб\p{L}*|rub|rur)(?!\p{L})/iu;

/** The currency of a cabinet's total, which has no code for it: the rouble, unless the text for people shows another one. */
export function currencyShown(formatted: Reader): string {
  const text = formatted.text() ?? '';
  return SHOWS_ROUBLES.test(text) || !/[\p{Sc}\p{L}]/u.test(text) ? ROUBLE : NO_CURRENCY;
}

/** Money from whole kopecks; in the usual currency if the answer has none, nothing if it has one that cannot be read, or that has no hundredths. */
export function fromKopecks(amount: Reader, currency?: Reader, usual = ROUBLE): Money | undefined {
  const code = currency?.present ? currencyOf(currency.text() ?? '') : usual;
  const kopecks = amount.decimal();
  if (kopecks === undefined || !isCurrency(code) || !exact(kopecks).isInteger()) return undefined;
  // Rounded, it would be false, and what a hundredth of a yen counts is not documented.
  if (scaleOf(code).kept < 2) return undefined;
  return money(exact(kopecks).dividedBy(100), code);
}

/** An amount in whole kopecks as the JSON number that Recca requires; 422 if kopecks cannot represent it. */
export function toKopecks({ amount, currency }: Money): number {
  // The minor unit of a currency without hundredths is not documented.
  if (scaleOf(currency).kept !== 2)
    throw refusalAt(
      '/amount/currency',
      `Recca’s amounts are in hundredths (kopecks), which ${currency} does not have.`,
    );
  const kopecks = exact(amount).times(100);
  if (!kopecks.isInteger())
    throw refusalAt(
      '/amount/amount',
      'Recca’s amounts are whole kopecks; this amount has a fraction of one.',
    );
  if (kopecks.abs().greaterThan(Number.MAX_SAFE_INTEGER))
    throw refusalAt('/amount/amount', 'The amount is too large to be sent to Recca exactly.');
  return wireNumber(plainText(kopecks));
}
