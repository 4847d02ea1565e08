import { describedFields } from '#canonical';
import type { Class, DescribedField, Schema } from '#canonical';

/** JSON Schemas of canonical classes and their parts, from the same decorators as the OpenAPI document. */
export function schemasOf(classes: readonly Class[]): Record<string, Schema> {
  const schemas: Record<string, Schema> = {};
  for (const one of classes) describe(one, schemas);
  return schemas;
}

/** The path of a class's schema in the document. */
export const schemaRef = ({ name }: { name: string }): Schema => ({ $ref: `#/components/schemas/${name}` });

function describe(one: Class, schemas: Record<string, Schema>): void {
  if (schemas[one.name]) return;
  const schema: Schema = { type: 'object' };
  // Added before its properties: a class may contain itself.
  schemas[one.name] = schema;
  const properties = describedFields(one);
  const required = properties.filter(([, property]) => property.required !== false).map(([name]) => name);
  if (required.length > 0) schema['required'] = required;
  schema['properties'] = Object.fromEntries(
    properties.map(([name, property]) => [name, propertyOf(property, schemas)]),
  );
  // The validator refuses unknown fields.
  schema['additionalProperties'] = false;
}

function propertyOf(properties: DescribedField, schemas: Record<string, Schema>): Schema {
  const { type, required: _, nullable, isArray, enumName: __, example, description, ...rules } = properties;
  const about = {
    ...(description !== undefined && { description }),
    ...(example !== undefined && { examples: [example] }),
  };
  const plain = typeof type === 'function' ? partOf(type as () => Class, schemas) : { type, ...rules };
  const whole = isArray && typeof type === 'function' ? { type: 'array', items: plain } : plain;
  // AsyncAPI uses draft 7, which ignores everything beside a `$ref`.
  const referring = '$ref' in whole && Object.keys(about).length > 0 ? { allOf: [whole] } : whole;
  return nullable ? { oneOf: [referring, { type: 'null' }], ...about } : { ...referring, ...about };
}

function partOf(type: () => Class, schemas: Record<string, Schema>): Schema {
  const part = type();
  describe(part, schemas);
  return schemaRef(part);
}
