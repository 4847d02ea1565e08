import { isEmail, isURL } from 'class-validator';
import type { ErrorCode } from './errors.js';
import { isId, idPrefixes, type IdPrefix } from './ids.js';
import { isPhone } from './phone.js';
import { readDate, readTime } from './time.js';

/** What is wrong with one value: a code of the errors table, a sentence, and the place below the value (`/amount`). */
export type Fault = {
  code: ErrorCode;
  detail: string;
  at?: string;
  /** The object that contains the field is invalid. */
  ofOwner?: true;
};

/** Checks a value (and the object that contains it) and returns its fault, if any. Pure. */
export type Rule = (value: unknown, owner: object) => Fault | undefined;

/** The value does not have the JSON type that the contract requires: HTTP 400. */
export function wrongType(expected: string, value: unknown): Fault {
  return { code: 'invalid-parameter', detail: `Expected ${expected}, got ${typeOf(value)}.` };
}

/** The value has the right type but cannot be accepted: HTTP 422. */
export function unacceptable(detail: string, at?: string): Fault {
  return { code: 'validation-failed', detail, ...(at !== undefined && { at }) };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === Object(value) ? 'an object' : `a ${typeof value}`;
}

/** Accepts an absent value or null if that is allowed; otherwise null is a wrong type, never "absent". */
export function presence(allowed: { optional?: boolean; nullable?: boolean }, rule: Rule): Rule {
  return (value, owner) => {
    if (value === undefined) return allowed.optional ? undefined : unacceptable('This field is required.');
    if (value === null && allowed.nullable) return undefined;
    if (value === null && allowed.optional) {
      return { code: 'invalid-parameter', detail: 'null is not accepted here; omit the field instead.' };
    }
    return rule(value, owner);
  };
}

/** A rule for strings; the type is checked first. */
export function textRule(
  rule: (text: string, owner: object) => Fault | undefined,
  expected = 'a string',
): Rule {
  return (value, owner) => (typeof value === 'string' ? rule(value, owner) : wrongType(expected, value));
}

/** One line of text (or several) within a length in characters; never blank unless `min` is 0. */
export function line(limits: {
  min?: number;
  max?: number;
  multiline?: boolean;
  pattern?: RegExp;
  /** The pattern in words. */
  expected?: string;
}): Rule {
  const { min = 1, max = 255, multiline = false, pattern } = limits;
  const { expected = `a string that matches ${pattern?.source}` } = limits;
  const control = multiline ? /[^\P{Cc}\n\r\t]/u : /\p{Cc}/u;
  return textRule(text => {
    const length = [...text].length;
    if (length < min || length > max)
      return unacceptable(`Expected ${min} to ${max} characters, got ${length}.`);
    if (min > 0 && text.trim() === '') return unacceptable('Expected more than blanks.');
    if (control.test(text)) return unacceptable('Control characters are not accepted.');
    if (pattern && !pattern.test(text)) return unacceptable(`Expected ${expected}.`);
    return undefined;
  });
}

/** An integer within limits; `1.5` has the right JSON type but is unacceptable. */
export function whole(limits: { min?: number; max?: number }): Rule {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = limits;
  return value => {
    if (typeof value !== 'number') return wrongType('a whole number', value);
    if (!Number.isInteger(value)) return unacceptable('Expected a whole number.');
    if (value < min || value > max) return unacceptable(`Expected ${min} to ${max}, got ${value}.`);
    return undefined;
  };
}

/** true or false. */
export const flag: Rule = value =>
  typeof value === 'boolean' ? undefined : wrongType('true or false', value);

/** One of a list of words. */
export function choice(words: readonly string[]): Rule {
  return textRule(text =>
    words.includes(text) ? undefined : unacceptable(`Expected one of: ${words.join(', ')}.`),
  );
}

/** One of our ids, by its form. */
export function idOf(prefix: IdPrefix): Rule {
  return textRule(text =>
    isId(prefix, text)
      ? undefined
      : unacceptable(
          `Expected the id of ${/^[aeiou]/.test(idPrefixes[prefix]) ? 'an' : 'a'} ${idPrefixes[prefix]}, which looks like ${prefix}_01h455vb4pex5vsknk084sn02q.`,
        ),
  );
}

/** An E.164 phone number. */
export const phone: Rule = textRule(text =>
  isPhone(text)
    ? undefined
    : unacceptable(
        'Expected a phone number in E.164: a plus, the country code and the number, like +79031234567.',
      ),
);

/** An e-mail address. */
export const email: Rule = textRule(text =>
  isEmail(text) ? undefined : unacceptable('Expected an e-mail address.'),
);

/** An absolute http or https address of at most 2,048 characters. */
export const webAddress: Rule = textRule(text =>
  text.length <= 2048 &&
  isURL(text, { protocols: ['http', 'https'], require_protocol: true, require_tld: false })
    ? undefined
    : unacceptable('Expected an absolute http or https address.'),
);

/** A date-time: RFC 3339 with `Z` or an offset. */
export const moment: Rule = textRule(text =>
  readTime(text) ? undefined : unacceptable('Expected a date-time of RFC 3339, like 2026-11-21T10:00:00Z.'),
);

/** A date or date-time. */
export const dayOrMoment: Rule = textRule(text =>
  readDate(text) || readTime(text)
    ? undefined
    : unacceptable('Expected a date (2026-11-21) or a date-time of RFC 3339 (2026-11-21T10:00:00Z).'),
);

/** A JSON object, not an array. */
export const part: Rule = value =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? undefined
    : wrongType('an object', value);

/** An array whose length is within limits; `each`, if given, checks every item. */
export function list(limits: { min?: number; max?: number }, each?: Rule): Rule {
  const { min = 0, max = 1000 } = limits;
  return (value, owner) => {
    if (!Array.isArray(value)) return wrongType('an array', value);
    if (value.length < min || value.length > max) {
      return unacceptable(`Expected ${min} to ${max} items, got ${value.length}.`);
    }
    for (const [index, item] of value.entries()) {
      const fault = each?.(item, owner);
      if (fault) return { ...fault, at: `/${index}${fault.at ?? ''}` };
    }
    return undefined;
  };
}

const mostTexts = 20;
const longestName = 64;
const anyText = line({ min: 0, max: 256, multiline: true });

/** Texts by name: at most 20 names of at most 64 characters, each text at most 256 characters. */
export const textMap: Rule = (value, owner) => {
  const fault = part(value, owner);
  if (fault) return fault;
  const entries = Object.entries(value as object);
  if (entries.length > mostTexts)
    return unacceptable(`Expected at most ${mostTexts} entries, got ${entries.length}.`);
  for (const [name, item] of entries) {
    const at = `/${pointerPart(name)}`;
    if (name.length < 1 || name.length > longestName)
      return unacceptable(`A name has 1 to ${longestName} characters.`, at);
    const bad = anyText(item, owner);
    if (bad) return { ...bad, at };
  }
  return undefined;
};

/** One step of a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
