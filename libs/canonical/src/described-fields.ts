import 'reflect-metadata';
import type { Schema } from './fields.js';
import type { Class } from './parts.js';

// What `@ApiProperty` leaves on a prototype; @nestjs/swagger exports no reader of it.
const NAMES = 'swagger/apiModelPropertiesArray';
const PROPERTY = 'swagger/apiModelProperties';

/** A field as its decorators describe it: its schema, in the terms of @nestjs/swagger. */
export interface DescribedField extends Schema {
  /** The name of a JSON type, a constructor, or a function that gives the class. */
  type?: unknown;
  required?: boolean;
  nullable?: boolean;
  isArray?: boolean;
  enumName?: string;
}

/** The fields of a validated class, by name, in the order of their declaration. */
export function describedFields(type: Class): [string, DescribedField][] {
  const prototype = type.prototype as object;
  const names = (Reflect.getMetadata(NAMES, prototype) ?? []) as string[];
  return names
    .map(name => name.slice(1))
    .map(name => [name, Reflect.getMetadata(PROPERTY, prototype, name) as DescribedField]);
}
