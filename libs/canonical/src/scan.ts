import { type FieldFault } from './refusal.js';
import { pointerPart, unacceptable } from './rules.js';

const deepest = 16;
/** Several times what any body needs. Validating takes a while for each, and in one piece: no other request is answered meanwhile. */
const mostValues = 500;

/** Finds what no class may ever receive: keys that reach a prototype, bodies of any depth or number of values, text that no database stores. */
export function scan(value: unknown, at: string): FieldFault[] {
  if (!isLarge(value)) return faultsIn(value, at, 1);
  const detail = `There are more than ${mostValues} names and items in all.`;
  return [{ pointer: at, code: 'invalid-parameter', detail }];
}

function isLarge(body: unknown): boolean {
  const found = [body];
  // The list grows while it is read.
  for (const value of found) {
    if (typeof value !== 'object' || value === null) continue;
    const inside: unknown[] = Object.values(value);
    if (found.length + inside.length > mostValues) return true;
    found.push(...inside);
  }
  return false;
}

function faultsIn(value: unknown, pointer: string, depth: number): FieldFault[] {
  if (typeof value === 'string') return unstorable(value) ? [{ pointer, ...unacceptable(badText) }] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (depth > deepest) {
    return [{ pointer, code: 'invalid-parameter', detail: `The nesting is deeper than ${deepest} levels.` }];
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const here = `${pointer}/${pointerPart(key)}`;
    if (key in Object.prototype || unstorable(key)) return [unknownField(here)];
    return faultsIn(item, here, depth + 1);
  });
}

const badText = 'The text contains a NUL character or half of a surrogate pair.';
const unstorable = (text: string) => /\0|\p{Surrogate}/u.test(text);

/** The fault of a field that its class does not have; it names those that the class has. */
export function unknownField(pointer: string, known: string[] = []): FieldFault {
  const instead = known.length ? ` Expected one of: ${known.join(', ')}.` : '';
  return { pointer, code: 'unknown-field', detail: `Unknown field.${instead}` };
}
