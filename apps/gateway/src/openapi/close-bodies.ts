import type { ApiDocument } from './api-operation.js';

const PLACE = '#/components/schemas/';
const INPUT = 'Input';

/** Closes what requests consist of, at every depth, since unknown fields are refused in them. What answers show as well stays open, so that clients accept new fields: requests get a closed copy of it, with `Input` behind its name. */
export function closeBodies({ paths, components: { schemas } }: ApiDocument): void {
  const operations = Object.values(paths).flatMap(methods => Object.values(methods));
  const bodies = operations.flatMap(({ requestBody }) => requestBody ?? []);
  const answered = namesIn(
    operations.map(({ responses }) => responses),
    schemas,
  );
  const sent = namesIn(bodies, schemas);
  const shared = [...sent].filter(name => answered.has(name) && hasFields(schemas[name]!));
  for (const name of shared) schemas[name + INPUT] = structuredClone(schemas[name]!);
  const own = [...sent].filter(name => !answered.has(name));
  const closed = [...own, ...shared.map(name => name + INPUT)];
  for (const node of [bodies, ...closed.map(name => schemas[name])])
    renameRefs(node, name => (shared.includes(name) ? name + INPUT : name));
  for (const name of closed) if (hasFields(schemas[name]!)) schemas[name]!['additionalProperties'] ??= false;
}

type Schemas = ApiDocument['components']['schemas'];

const hasFields = (schema: Schemas[string]): boolean => 'properties' in schema;

// Of the schemas that something refers to, also through others.
function namesIn(node: unknown, schemas: Schemas, found = new Set<string>()): Set<string> {
  renameRefs(node, name => {
    if (!found.has(name)) namesIn(schemas[name], schemas, found.add(name));
    return name;
  });
  return found;
}

function renameRefs(node: unknown, rename: (name: string) => string): void {
  if (typeof node !== 'object' || node === null) return;
  const { $ref } = node as { $ref?: unknown };
  if (typeof $ref === 'string' && $ref.startsWith(PLACE))
    (node as { $ref: string }).$ref = PLACE + rename($ref.slice(PLACE.length));
  for (const part of Object.values(node)) renameRefs(part, rename);
}
