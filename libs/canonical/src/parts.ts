import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { Field, type FieldOptions, type Schema } from './fields.js';
import * as rules from './rules.js';
import type { Rule } from './rules.js';

/** An object of another class; `rule` can check it as a whole, after its type has been checked. */
export function IsPart(
  type: () => Class,
  options: FieldOptions = {},
  rule: Rule = rules.part,
): PropertyDecorator {
  return nested(type, Field(options, lazily(type), rule));
}

/** Several objects of another class. */
export function IsParts(
  type: () => Class,
  options: FieldOptions & { min?: number; max?: number } = {},
): PropertyDecorator {
  const { min, max, ...said } = options;
  return nested(type, Field(said, { ...lazily(type), isArray: true }, rules.list({ min, max }, rules.part)));
}

/** A class that the validator can instantiate. */
export type Class<T extends object = object> = new () => T;

// @nestjs/swagger knows a lazy type by the function's NAME, `type`, which a literal property gives it.
function lazily(type: () => Class): Schema {
  return { type: () => type() };
}

function nested(type: () => Class, field: PropertyDecorator): PropertyDecorator {
  const decorators = [field, ValidateNested(), Type(type)];
  return (target, property) => decorators.forEach(decorate => decorate(target, property));
}

/** Texts by name: 20 names of 64 characters, texts of 256. */
export function IsTextMap(options: FieldOptions = {}): PropertyDecorator {
  return Field(options, { type: 'object', additionalProperties: { type: 'string' } }, rules.textMap);
}

/** An object whose fields are defined elsewhere (credentials, settings, a provider's raw answer). */
export function IsFree(options: FieldOptions = {}): PropertyDecorator {
  return Field(options, { type: 'object', additionalProperties: true }, rules.part);
}

/** Any value: a provider's original answer, redacted. The mark is for the OpenAPI document, which takes it for an object otherwise. */
export function IsAnything(options: FieldOptions = {}): PropertyDecorator {
  return Field({ optional: true, ...options }, { 'x-any': true }, () => undefined);
}
