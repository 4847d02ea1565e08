import { Decimal } from 'decimal.js';
import { decimalOf } from './decimal.js';
import { Unreadable } from './exchange.js';
import { momentOf } from './moment.js';

/** Reads a provider's answer cautiously: distinguishes absent, null and wrongly typed fields; a missing required field throws `Unreadable` with its pointer. */
export class Reader {
  constructor(
    readonly value: unknown,
    readonly pointer = '',
  ) {}

  /** The field at this path; a Reader even if it is absent, so that paths can be chained. */
  at(...path: (string | number)[]): Reader {
    let value = this.value;
    let pointer = this.pointer;
    for (const key of path) {
      value = isRecord(value) || Array.isArray(value) ? ownField(value, key) : undefined;
      pointer += `/${key}`;
    }
    return new Reader(value, pointer);
  }

  /** Neither absent nor null. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Text; numbers and booleans become text (`id: 12`, `"id": "12"`); '' counts as absent. */
  text(): string | undefined {
    const { value } = this;
    if (typeof value === 'string') return value.trim() === '' ? undefined : value;
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
      return plain(value);
    return undefined;
  }

  /** A plain decimal text from a number or a numeric text, as `decimalOf` takes it; nothing else. */
  decimal(): string | undefined {
    const text = this.text();
    return text === undefined ? undefined : decimalOf(text);
  }

  /** A count: a whole number that is not negative; nothing else. */
  whole(): number | undefined {
    const number = Number(this.decimal());
    return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
  }

  /** true/false from booleans, 1/0, "1"/"0", "true"/"false", "yes"/"no"; nothing else. */
  flag(): boolean | undefined {
    const text = this.text()?.toLowerCase();
    if (text === 'true' || text === '1' || text === 'yes') return true;
    if (text === 'false' || text === '0' || text === 'no') return false;
    return undefined;
  }

  /** The elements of a list, or the values of an object keyed by id; empty if the field is absent. */
  list(): Reader[] {
    const { value } = this;
    if (Array.isArray(value)) return value.map((item, index) => new Reader(item, `${this.pointer}/${index}`));
    if (isRecord(value)) return Object.keys(value).map(key => this.at(key));
    return [];
  }

  /** RFC 3339 in UTC, parsed by `momentOf`; `undefined` if it is not a valid date. */
  time(): string | undefined {
    const text = this.text()?.trim();
    return text === undefined ? undefined : momentOf(text)?.toISOString();
  }

  need<T>(read: (reader: Reader) => T | undefined, kind: string): T {
    const found = read(this);
    if (found === undefined)
      throw new Unreadable(this.pointer, this.present ? `is not ${kind}` : 'is missing');
    return found;
  }

  needText(): string {
    return this.need(reader => reader.text(), 'a text');
  }

  /** The id of a created object; 0, `false` and negative numbers do not count: PHP and its databases return them for "nothing". */
  needId(): string {
    return this.need(
      ({ value }) =>
        typeof value === 'boolean' || /^\s*(0*|-\d+)\s*$/.test(String(value)) ? undefined : this.text(),
      'an id',
    );
  }

  needDecimal(): string {
    return this.need(reader => reader.decimal(), 'a number');
  }

  needTime(): string {
    return this.need(reader => reader.time(), 'a time');
  }

  /** The reader itself if its value is an object. */
  record(): Reader | undefined {
    return isRecord(this.value) ? this : undefined;
  }

  needRecord(): Reader {
    return this.need(reader => reader.record(), 'an object');
  }

  needList(): Reader[] {
    return this.need(reader => (Array.isArray(reader.value) ? reader.list() : undefined), 'a list');
  }
}

/** Opens a parsed body for reading. */
export const reader = (value: unknown): Reader => new Reader(value);

/** Whether a value is an object with fields: not a list, not null. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// A list has no fields: otherwise its `length` would look like a number sent by the provider.
const ownField = (value: object, key: string | number): unknown =>
  Object.hasOwn(value, key) && !(Array.isArray(value) && key === 'length')
    ? (value as Record<string | number, unknown>)[key]
    : undefined;

// 1e21 and the like: `String(number)` would leave the exponent in an id or an amount.
const plain = (value: number | bigint | boolean): string =>
  typeof value === 'number' ? new Decimal(value).toFixed() : String(value);
