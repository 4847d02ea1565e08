import 'reflect-metadata';

const key = 'canonical:form';

/** One text for a value that may be written in several ways; `owner` is the object that it stands in. */
export type CanonicalText = (text: string, owner: object) => string;

/** Says how the property's value is written where only its meaning counts. */
export function WrittenAs(canonical: CanonicalText): PropertyDecorator {
  return (target, property) => Reflect.defineMetadata(key, canonical, target, property);
}

/** A field's decorator that says so, too. */
export function written(field: PropertyDecorator, canonical: CanonicalText): PropertyDecorator {
  return (target, property) => {
    field(target, property);
    WrittenAs(canonical)(target, property);
  };
}

/** A validated body with every sum and decimal in its canonical text, so that "10.0" and "10.00" are equal; what has no class stays as it is. */
export function canonicalForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalForm);
  if (typeof value !== 'object' || value === null) return value;
  const written = Object.entries(value).map(([name, item]: [string, unknown]) => {
    const canonical = Reflect.getMetadata(key, value, name) as CanonicalText | undefined;
    return [name, canonical && typeof item === 'string' ? canonical(item, value) : canonicalForm(item)];
  });
  return Object.fromEntries(written);
}
