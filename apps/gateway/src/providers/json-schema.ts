import type { ValidatedClass } from '#adapter-kit';

// What `@ApiProperty` leaves on a prototype; @nestjs/swagger exports no reader of it.
const NAMES = 'swagger/apiModelPropertiesArray';
const PROPERTY = 'swagger/apiModelProperties';

/** The JSON Schema of a validated class of plain fields: what a form for a connection is made of. */
export function jsonSchemaOf(type: ValidatedClass): Record<string, unknown> {
  const prototype = type.prototype as object;
  const names = ((Reflect.getMetadata(NAMES, prototype) ?? []) as string[]).map(name => name.slice(1));
  const fields = names.map(name => [name, fieldOf(prototype, name)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    required: fields.filter(([, field]) => field.required).map(([name]) => name),
    additionalProperties: false,
  };
}

function fieldOf(prototype: object, name: string): { required: boolean; schema: Record<string, unknown> } {
  const said = Reflect.getMetadata(PROPERTY, prototype, name) as Record<string, unknown>;
  const { required, isArray: _, enumName: __, type, ...schema } = said;
  const named = typeof type === 'function' ? type.name.toLowerCase() : (type ?? 'string');
  return { required: required !== false, schema: { type: named, ...schema } };
}
