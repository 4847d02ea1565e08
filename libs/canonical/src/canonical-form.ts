import 'reflect-metadata';

const key = 'canonical:form';

/** Returns one text for a value that can be written in several ways; `owner` is the object that contains it. */
export type CanonicalText = (text: string, owner: object) => string;

/** Registers the canonical form of a property's value, for comparisons in which only its meaning counts. */
export function WrittenAs(canonical: CanonicalText): PropertyDecorator {
  return (target, property) => Reflect.defineMetadata(key, canonical, target, property);
}

/** A field decorator that also registers a canonical form. */
export function written(field: PropertyDecorator, canonical: CanonicalText): PropertyDecorator {
  return (target, property) => {
    field(target, property);
    WrittenAs(canonical)(target, property);
  };
}

/** A validated body with every amount and decimal in canonical form, so that "10.0" and "10.00" are equal; objects without a class stay as they are. */
export function canonicalForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalForm);
  if (typeof value !== 'object' || value === null) return value;
  const written = Object.entries(value).map(([name, item]: [string, unknown]) => {
    const canonical = Reflect.getMetadata(key, value, name) as CanonicalText | undefined;
    return [name, canonical && typeof item === 'string' ? canonical(item, value) : canonicalForm(item)];
  });
  return Object.fromEntries(written);
}
