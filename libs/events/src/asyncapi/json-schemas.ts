import type { Class, Schema } from '#canonical';

const NAMES = 'swagger/apiModelPropertiesArray';
const PROPERTY = 'swagger/apiModelProperties';

/** A property as a class's decorators describe it. */
interface PropertyMetadata extends Record<string, unknown> {
  type?: unknown;
  required?: boolean;
  nullable?: boolean;
  isArray?: boolean;
  enumName?: string;
}

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
  const prototype = one.prototype as object;
  const names = ((Reflect.getMetadata(NAMES, prototype) as string[] | undefined) ?? []).map(name =>
    name.slice(1),
  );
  const properties = names.map(
    name => [name, Reflect.getMetadata(PROPERTY, prototype, name) as PropertyMetadata] as const,
  );
  const required = properties.filter(([, property]) => property.required !== false).map(([name]) => name);
  if (required.length > 0) schema['required'] = required;
  schema['properties'] = Object.fromEntries(
    properties.map(([name, property]) => [name, propertyOf(property, schemas)]),
  );
  // The validator refuses unknown fields.
  schema['additionalProperties'] = false;
}

function propertyOf(properties: PropertyMetadata, schemas: Record<string, Schema>): Schema {
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
