import 'reflect-metadata';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { registerDecorator } from 'class-validator';
import type { IdPrefix } from './ids.js';
import * as rules from './rules.js';
import type { Rule } from './rules.js';

/** Options common to all fields, for both the validator and the OpenAPI document. */
export type FieldOptions = {
  /** What the name does not already say. */
  description?: string;
  /** An example that works in the sandbox. */
  example?: unknown;
  /** May be absent. */
  optional?: boolean;
  /** May be null: known to be empty. */
  nullable?: boolean;
};

/** JSON Schema of a property in the OpenAPI document. */
export type Schema = Record<string, unknown>;

/** Applies a rule to the property; a property can have several, under different names. */
export function Check(name: string, rule: Rule): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options: { context: { rule } },
      validator: {
        validate: (value, args) => rule(value, args!.object) === undefined,
        defaultMessage: args => rule(args!.value, args!.object)?.detail ?? 'Not acceptable.',
      },
    });
}

/** A property with a rule and its schema; the basis of all decorators below. */
export function Field(options: FieldOptions, schema: Schema, rule: Rule): PropertyDecorator {
  const { optional = false, ...said } = options;
  const api = ApiProperty({ ...schema, ...said, required: !optional } as ApiPropertyOptions);
  const check = Check('field', rules.presence(options, rule));
  return (target, property) => {
    api(target, property);
    check(target, property);
  };
}

/** One line of text, by default 1 to 255 characters; `expected` = the pattern in words, for a refusal. */
export function IsText(
  options: FieldOptions & {
    min?: number;
    max?: number;
    multiline?: boolean;
    pattern?: RegExp;
    expected?: string;
  } = {},
): PropertyDecorator {
  const { min = 1, max = 255, multiline, pattern, expected, ...said } = options;
  const schema = {
    type: 'string',
    minLength: min,
    maxLength: max,
    ...(pattern && { pattern: pattern.source }),
  };
  return Field(said, schema, rules.line({ min, max, multiline, pattern, expected }));
}

const queryKey = 'canonical:query';

/** How the text of a query parameter is converted before its rule is applied. */
export type QueryKind = 'whole' | 'flag' | 'texts';

/** The kind of a query parameter, set by its decorator; undefined = it stays text. */
export function queryKindOf(target: object, property: string): QueryKind | undefined {
  return Reflect.getMetadata(queryKey, target, property) as QueryKind | undefined;
}

function QueryField(kind: QueryKind, options: FieldOptions, schema: Schema, rule: Rule): PropertyDecorator {
  const field = Field(options, schema, rule);
  return (target, property) => {
    Reflect.defineMetadata(queryKey, kind, target, property);
    field(target, property);
  };
}

/** A whole number; in a query, decimal digits. */
export function IsWhole(
  options: FieldOptions & { min?: number; max?: number; default?: number } = {},
): PropertyDecorator {
  const { min, max, default: usual, ...said } = options;
  const schema = {
    type: 'integer',
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(usual !== undefined && { default: usual }),
  };
  return QueryField('whole', said, schema, rules.whole({ min, max }));
}

/** true or false. */
export function IsFlag(options: FieldOptions & { default?: boolean } = {}): PropertyDecorator {
  const { default: usual, ...said } = options;
  return QueryField(
    'flag',
    said,
    { type: 'boolean', ...(usual !== undefined && { default: usual }) },
    rules.flag,
  );
}

/** Several texts; in a query, one comma-separated parameter or a repeated one. */
export function IsTexts(
  options: FieldOptions & {
    min?: number;
    max?: number;
    of?: readonly string[];
    ids?: IdPrefix;
    pattern?: RegExp;
  } = {},
): PropertyDecorator {
  const { min = 0, max = 100, of, ids, pattern, ...said } = options;
  const each = of ? rules.choice(of) : ids ? rules.idOf(ids) : rules.line({ pattern });
  const items = {
    type: 'string',
    ...(of && { enum: [...of] }),
    ...(!of && !ids && { minLength: 1, maxLength: 255, ...(pattern && { pattern: pattern.source }) }),
  };
  return QueryField(
    'texts',
    said,
    { type: 'array', items, minItems: min, maxItems: max },
    rules.list({ min, max }, each),
  );
}

/** One of a list of words; `name` gives it its own schema in the OpenAPI document. */
export function IsChoice(
  words: readonly string[],
  options: FieldOptions & { name?: string; default?: string } = {},
): PropertyDecorator {
  const { name, default: usual, ...said } = options;
  const schema = {
    enum: [...words],
    ...(name && { enumName: name }),
    ...(usual !== undefined && { default: usual }),
  };
  return Field(said, name ? schema : { type: 'string', ...schema }, rules.choice(words));
}

/** One of our ids. Optional ones have no example: the playground would fill in an id that does not exist. */
export function IsIdOf(prefix: IdPrefix, options: FieldOptions = {}): PropertyDecorator {
  const example = options.optional ? {} : { example: `${prefix}_01h455vb4pex5vsknk084sn02q` };
  return Field({ ...example, ...options }, { type: 'string' }, rules.idOf(prefix));
}

/** A date-time, RFC 3339. */
export function IsMoment(options: FieldOptions = {}): PropertyDecorator {
  return Field(
    { example: '2026-11-21T10:00:00.000Z', ...options },
    { type: 'string', format: 'date-time' },
    rules.moment,
  );
}

/** A date or date-time, for `from` and `to`. */
export function IsDayOrMoment(options: FieldOptions = {}): PropertyDecorator {
  return Field(options, { type: 'string' }, rules.dayOrMoment);
}

/** An E.164 phone number. */
export function IsE164(options: FieldOptions = {}): PropertyDecorator {
  const schema = { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' };
  return Field({ example: '+79031234567', ...options }, schema, rules.phone);
}

/** An e-mail address. */
export function IsEmailAddress(options: FieldOptions = {}): PropertyDecorator {
  return Field({ example: 'anna@example.com', ...options }, { type: 'string', format: 'email' }, rules.email);
}

/** An absolute http or https address. */
export function IsWebAddress(options: FieldOptions = {}): PropertyDecorator {
  return Field(options, { type: 'string', format: 'uri', maxLength: 2048 }, rules.webAddress);
}
