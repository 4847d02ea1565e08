import { isRecord } from '#adapter-kit';
import type { WireAnswer } from '#adapter-kit';

/** The content of an answer: without XML's `<response>` and `<item>`, with null for empty elements, and without an envelope around JSON. */
export function contentOf({ body, format }: WireAnswer): unknown {
  if (format !== 'xml') return unwrapped(body);
  return undressed(isRecord(body) ? (body['response'] ?? Object.values(body)[0]) : body);
}

// No documented model has such a field, so it is an envelope.
function unwrapped(body: unknown): unknown {
  if (!isRecord(body) || 'id' in body) return body;
  return [body['data'], body['result']].find(inner => typeof inner === 'object' && inner !== null) ?? body;
}

// XML does not distinguish an empty text from null, nor a list of one from its element: only `item` marks a list.
function undressed(value: unknown): unknown {
  if (value === '') return null;
  if (Array.isArray(value)) return value.map(undressed);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && 'item' in value) return [value['item']].flat().map(undressed);
  return Object.fromEntries(entries.map(([name, inner]) => [name, undressed(inner)]));
}
