import { Check } from './fields.js';
import { unacceptable } from './rules.js';

/** Class decorator: exactly one of these fields must be present (otherwise 422 `validation-failed` at the object). */
export function ExactlyOneOf(first: string, ...others: string[]): ClassDecorator {
  const names = [first, ...others];
  return type =>
    Check('exactlyOneOf', (_, owner) => {
      const given = names.filter(name => (owner as Record<string, unknown>)[name] !== undefined);
      if (given.length === 1) return undefined;
      const got = given.length === 0 ? 'none' : given.join(' and ');
      return { ...unacceptable(`Send exactly one of ${names.join(', ')}; got ${got}.`), ofOwner: true };
    })(type.prototype as object, first);
}
