import { IsDecimal, IsFlag, IsParts, IsText, IsWhole } from '#canonical';
import { Reader, Unreadable } from '#adapter-kit';
import type { ValidatedClass } from '#adapter-kit';

/** How a field is read, whatever its JSON type: `1` and "true" are flags, "25.0000" is the decimal 25. */
export type Kind = 'text' | 'whole' | 'decimal' | 'flag';

type Read = (at: Reader) => unknown;
interface Field {
  name: string;
  from: string;
  needed: boolean;
  read: Read;
}
interface Options {
  /** Its name in Recreativ, if it differs. */
  from?: string;
  description?: string;
  example?: unknown;
  needed?: boolean;
}

const reads: Record<Kind, Read> = {
  text: at => at.text(),
  whole: at => {
    const number = Number(at.decimal());
    return Number.isSafeInteger(number) ? number : undefined;
  },
  decimal: at => at.decimal(),
  flag: at => at.flag(),
};

const fields = new WeakMap<object, Field[]>();

function note(target: object, field: Field): void {
  fields.set(target, [...(fields.get(target) ?? []), field]);
}

/** Declares a field of an answer: its documentation and its parsing in one place. */
export function AnswerField(
  kind: Kind,
  { from, needed = false, ...documentation }: Options = {},
): PropertyDecorator {
  const options = { ...documentation, ...(needed ? {} : { optional: true, nullable: true }) };
  const documents = {
    text: IsText({ ...options, min: needed ? 1 : 0, max: 4096, multiline: true }),
    whole: IsWhole(options),
    decimal: IsDecimal(options),
    flag: IsFlag(options),
  };
  return (target, property) => {
    documents[kind](target, property);
    note(target, { name: String(property), from: from ?? String(property), needed, read: reads[kind] });
  };
}

/** Declares a field with one or several objects of another class; always read as a list. */
export function AnswerParts(
  type: () => ValidatedClass,
  { from, description }: Options = {},
): PropertyDecorator {
  const read: Read = ({ value, ...at }) =>
    typeof value === 'object'
      ? [value].flat().map(part => readAs(type(), new Reader(part, at.pointer)))
      : undefined;
  return (target, property) => {
    IsParts(type, { optional: true, nullable: true, description })(target, property);
    note(target, { name: String(property), from: from ?? String(property), needed: false, read });
  };
}

/** Reads an object as a class with `AnswerField`s: absent stays absent, null and an empty text become null, a value of another type is absent. */
export function readAs<T extends object>(type: ValidatedClass<T>, row: Reader): T {
  row.needRecord();
  const found = fieldsOf(type.prototype as object).flatMap(({ name, from, needed, read }) => {
    const at = row.at(from);
    // XML does not distinguish the two; in JSON Recreativ sends either.
    const value = at.value === null || at.value === '' ? null : read(at);
    if (needed && value == null) throw new Unreadable(at.pointer, 'is missing or has the wrong type');
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found) as T;
}

function fieldsOf(prototype: object | null): Field[] {
  return prototype
    ? [...fieldsOf(Object.getPrototypeOf(prototype) as object), ...(fields.get(prototype) ?? [])]
    : [];
}
