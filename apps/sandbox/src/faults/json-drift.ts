type Json = unknown;
type Path = (string | number)[];

/** How a field can drift away from the provider's documentation. */
export type FieldDrift = 'missing' | 'renamed' | 'null' | 'new-word';

/** A copy of a JSON body with one field changed: the one at the pointer, or else a random leaf. */
export function withDriftedField(
  body: Json,
  drift: FieldDrift,
  at: { pointer?: string; random: () => number },
): Json {
  const leaves = leafPaths(body).filter(
    path => drift !== 'new-word' || typeof valueAt(body, path) === 'string',
  );
  const drawn = leaves[Math.floor(at.random() * leaves.length)];
  const path = at.pointer === undefined ? drawn : at.pointer.split('/').slice(1);
  if (!path || path.length === 0) return body;
  const copy = structuredClone(body);
  const key = path.at(-1)!;
  const parent = valueAt(copy, path.slice(0, -1)) as Record<string | number, Json> | undefined;
  if (typeof parent !== 'object' || parent === null || !(key in parent)) return body;
  if (drift === 'null') parent[key] = null;
  else if (drift === 'new-word') parent[key] = 'a_new_word';
  else {
    if (drift === 'renamed') parent[`${key}_v2`] = parent[key];
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
  return copy;
}

/** A copy in which every object has one more field. */
export function withExtraFields(body: Json): Json {
  return mapped(body, value => (isObject(value) ? { ...value, addedByDrift: { since: 'v3' } } : value));
}

/** A copy in which numbers become texts and numeric texts become numbers, except where a leading zero or a digit would be lost. */
export function retyped(body: Json): Json {
  return mapped(body, value => {
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(value) ? Number(value) : value;
  });
}

function mapped(value: Json, change: (value: Json) => Json): Json {
  if (Array.isArray(value)) return change(value.map(item => mapped(item, change)));
  if (!isObject(value)) return change(value);
  return change(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner, change)])),
  );
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function leafPaths(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  return Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]));
}

const valueAt = (value: Json, path: Path): Json =>
  path.reduce<Json>((inner, key) => (inner as Record<string | number, Json> | undefined)?.[key], value);
