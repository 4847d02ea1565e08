import { Field, unacceptable, wrongType } from '#canonical';
import type { FieldOptions, Rule } from '#canonical';

// The first bytes, in hex: the real format of a picture, whatever its declared type.
const magic: [string, RegExp][] = [
  ['png', /^89504e470d0a1a0a/],
  ['jpeg', /^ffd8ff/],
  ['gif', /^474946383[79]61/],
  ['webp', /^52494646.{8}57454250/],
];
const taken = ['jpeg', 'png'];

// Two pictures in base64 and their texts must fit into the 8 MiB of one request.
const MOST_BYTES = 3 * 1024 * 1024 - 64 * 1024;
const HEAD = /^data:image\/([a-z+.-]{1,20});base64,/i;

/** A picture as a data URI: JPEG or PNG by its type and its bytes, less than 3 MiB; errors never contain a part of it. */
export function IsImage(options: FieldOptions = {}): PropertyDecorator {
  return Field(options, { type: 'string', pattern: '^data:image/(jpeg|png);base64,' }, image);
}

const image: Rule = value => {
  if (typeof value !== 'string') return wrongType('a data URI', value);
  const head = HEAD.exec(value.slice(0, 64));
  if (!head)
    return unacceptable('Expected a picture as data:image/jpeg;base64,… or data:image/png;base64,….');
  const declared = named(head[1]!);
  const base64 = value.slice(head[0].length);
  if (!isBase64(base64)) return unacceptable('The part after "base64," is not valid base64.');
  if (base64.length * 0.75 > MOST_BYTES)
    return unacceptable(`The picture is larger than ${MOST_BYTES} bytes.`);
  const first = Buffer.from(base64.slice(0, 32), 'base64').toString('hex');
  const real = magic.find(([, form]) => form.test(first))?.[0];
  if (!real) return unacceptable('The data is neither a JPEG nor a PNG picture.');
  if (!taken.includes(real))
    return unacceptable(`Recreativ accepts only JPEG and PNG; this is ${real.toUpperCase()}.`);
  if (real !== declared) return unacceptable(`The data URI declares ${declared}, but the data is ${real}.`);
  return undefined;
};

const named = (type: string): string => type.toLowerCase().replace(/^(jpg|pjpeg)$/, 'jpeg');

const isBase64 = (text: string): boolean =>
  text.length > 0 && text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.replace(/={1,2}$/, ''));

/** The data URI with the documented spelling of its type. */
export const wireImage = (uri: string | undefined): string | undefined =>
  uri?.replace(HEAD, (_, type: string) => `data:image/${named(type)};base64,`);
