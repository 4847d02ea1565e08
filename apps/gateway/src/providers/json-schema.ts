import type { ValidatedClass } from '#adapter-kit';
import { describedFields } from '#canonical';
import type { DescribedField } from '#canonical';

/** The JSON Schema of a validated class of plain fields: what a form for a connection is made of. */
export function jsonSchemaOf(type: ValidatedClass): Record<string, unknown> {
  const fields = describedFields(type).map(([name, field]) => [name, fieldOf(field)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    required: fields.filter(([, field]) => field.required).map(([name]) => name),
    additionalProperties: false,
  };
}

function fieldOf(field: DescribedField): { required: boolean; schema: Record<string, unknown> } {
  const { required, isArray: _, enumName: __, type, ...schema } = field;
  const named = typeof type === 'function' ? type.name.toLowerCase() : (type ?? 'string');
  return { required: required !== false, schema: { type: named, ...schema } };
}
