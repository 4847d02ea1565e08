import type { PpOptions } from './options.js';

// Words in which the site's filter replaces a letter by a Cyrillic look-alike, to break SQL statements and scripts.
const words = /\b(select|insert|union|update|delete|replace|script|include|eval|base64|cookie|handler)\b/gi;
const lookAlike: Record<string, string> = { e: 'е', o: 'о', a: 'а', c: 'с' };
const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
};

/** A visitor's text as the site stores and shows it. */
export const shown = (text: string): string =>
  text
    .replace(/<[^>]*>/g, '')
    .replace(words, word => word.replace(/[eoac]/i, letter => lookAlike[letter.toLowerCase()] ?? letter))
    .replace(/[&<>"']/g, char => escapes[char]!);

/** A local time in the site's format. */
export const dateOf = (wall: number): string =>
  new Date(wall * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** A column of the database: text in PHP, a number in a clone. */
export const column = ({ numbers }: PpOptions, value: string | number): string | number =>
  numbers === 'numbers' ? Number(value) : String(value);

/** The answer of a successful call. */
export const good = (data?: object, text = ''): object => ({
  error: 0,
  error_text: text,
  ...(data ? { data } : {}),
});

/** The answer of a failed call: HTTP 200 as well. */
export const bad = (text: string): object => ({ error: 1, error_text: text });

/** The answer with a list, newest first, in the form chosen by the options. */
export function listed(
  { items = 'keyed', empty = 'no-data' }: PpOptions,
  rows: { id: string | number }[],
): object {
  if (rows.length === 0) {
    if (empty === 'no-data') return good();
    return good(empty === 'no-items' ? {} : { items: empty === 'object' ? {} : [] });
  }
  return good({ items: itemsOf(items, rows) });
}

/** Rows keyed by id, or as a list. */
export const itemsOf = (form: PpOptions['items'] = 'keyed', rows: { id: string | number }[]): object =>
  form === 'list' ? rows : Object.fromEntries(rows.map(row => [String(row.id), row]));

const texts = {
  ru: {
    key: 'Ошибка ключа REST API',
    money: 'Недостаточно средств на Вашем счете',
    wallet: 'Неверный кошелек',
    currency: 'На выбранную валюту запрещено выводить деньги',
    reserve: 'На выбранную валюту запрещено выводить деньги',
    done: 'Выплата успешно заказана',
  },
  en: {
    key: 'REST API key error',
    money: 'You do not have enough money: not enough money on your account',
    wallet: 'Wrong wallet',
    currency: 'It is forbidden to withdraw money for the selected currency',
    reserve: 'Not enough reserve for the selected currency',
    done: 'Payout is successfully ordered',
  },
};

/** The site's texts; "Api disabled" is never translated. */
export const say = (language: 'ru' | 'en' = 'ru') => texts[language];
