import { createRequire } from 'node:module';

// The package is CommonJS whose types describe a default export that ESM does not give it.
const canonicalize = createRequire(import.meta.url)('canonicalize') as (value: unknown) => string | undefined;

/** RFC 8785: equal content has equal text, whatever the order of its keys. Class instances count by their fields. */
export const canonicalJson = (value: unknown): string =>
  canonicalize(JSON.parse(JSON.stringify(value ?? null)))!;
