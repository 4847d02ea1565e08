import { exact, fromDigits, plainText, refusalAt } from '#canonical';
import type { Identifier, Refusal } from '#canonical';

/** A till's parameters, by v1 name. The text `null`, an empty text and a missing one are all absent. */
export type Given = Readonly<Record<string, string>>;

/** Merges query and body; the body wins. */
export function givenIn(...sources: unknown[]): Given {
  const given: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const source of sources) {
    for (const [name, value] of Object.entries(source ?? {})) {
      const text = textOf(name, value);
      if (text !== undefined) given[name] = text;
    }
  }
  return given;
}

function textOf(name: string, value: unknown): string | undefined {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  const texts = new Set(all.flatMap(one => textOfOne(name, one) ?? []));
  // Given more than once: which one is meant is not guessed.
  if (texts.size > 1) throw fault(name, 'It was sent with different values.');
  return [...texts][0];
}

function textOfOne(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') throw fault(name, 'Expected a string or a number.');
  const text = String(value as string | number | boolean).trim();
  return text === '' || text.toLowerCase() === 'null' ? undefined : text;
}

/** A sum as tills write it: `11`, `11.0`, `00`, `11,50`, `1 000`; plain decimal text, absent when not sent. */
export function decimalIn(given: Given, name: string): string | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const plain = text.replace(/\s/g, '').replace(',', '.');
  // Ambiguous thousands separators are refused: money is not guessed.
  if (/^\d{1,3},\d{3}$/.test(text))
    throw fault(name, 'The comma may separate thousands or decimals. Expected a number like 11 or 11.50.');
  if (!/^\d{1,15}(\.\d{1,12})?$/.test(plain)) throw fault(name, 'Expected a number like 11 or 11.50.');
  return plainText(exact(plain));
}

/** The customer: by code if given, since only a code can spend points; else by phone, else by uid. */
export function identifierIn(given: Given): Identifier {
  const { code, phone, uid, customerId } = given;
  if (code !== undefined) return { type: 'code', value: code };
  if (phone !== undefined) return { type: 'phone', value: internationalOf(phone) };
  if (uid !== undefined) return { type: 'uid', value: uid };
  // Old programs send 0 for no customer.
  if (customerId !== undefined && customerId !== '0') throw customerIdGone();
  throw fault('code', 'Expected a code, a phone or a uid.');
}

/** The refusal of a customer number that v2 removed. */
export const customerIdGone = (): Refusal =>
  fault('customerId', 'The provider no longer accepts customerId: send the code, the phone or the uid.');

// An unescaped `+` in a query arrives as a blank. A number without country code is refused: none is guessed.
function internationalOf(text: string): string {
  const digits = text.replace(/[\s().-]/g, '');
  const phone = fromDigits(digits.replace(/^00/, '+'));
  if (phone === undefined)
    throw fault('phone', 'Expected a number with its country code, like +79123456789 or 79123456789.');
  return phone;
}

/** An invalid parameter, by its v1 name. */
export const fault = (name: string, detail: string): Refusal =>
  refusalAt(`/query/${name}`, detail, 'invalid-parameter', { detail: `${name}: ${detail}` });
