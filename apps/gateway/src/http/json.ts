import { isAscii } from 'node:buffer';
import { Refusal } from '#canonical';
import { parse as parseStrictly } from 'lossless-json';
import { repeatedName, sizeBeyond } from './repeated-name.js';

const MOST_SHOWN = 64;
/** More than any body needs; the validator's own limits are lower, but come after all was built, which may take seconds. */
const MOST = { levels: 10_000, values: 10_000 };
const tooLarge = {
  levels: `The body is nested more than ${MOST.levels} levels deep.`,
  values: `The body has more than ${MOST.values} names and items.`,
};
const EXTENDS_ASCII = /^(iso-8859-\d+|latin\d+|windows-125\d|cp125\d|koi8-[ru])$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a JSON body; an empty one is `{}`. Throws `malformed-json` with the position, also for a duplicate name, and
 * `unsupported-media-type` if it is not readable because of its Content-Encoding, which many clients send with a wrong value.
 */
export function readJson(bytes: Buffer, encoding?: string): unknown {
  const text = decode(bytes, encoding);
  const beyond = sizeBeyond(text, MOST);
  if (beyond) throw new Refusal('malformed-json', { detail: tooLarge[beyond] });
  const read = parsed(text);
  const twice = repeatedName(text);
  if (twice === undefined) return read;
  throw new Refusal('malformed-json', {
    detail: `The name \`${twice.slice(0, MOST_SHOWN)}\` occurs twice in one object, so it is not clear which value is meant.`,
  });
}

/** Throws `unsupported-media-type` where a Content-Type names another charset than UTF-8, which JSON always has (RFC 8259), unless the body reads the same in both: some HTTP libraries name ISO-8859-1 whatever they send. */
export function assertUtf8(contentType: string, body: Buffer): void {
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType)?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii|)$/i.test(charset)) return;
  if (EXTENDS_ASCII.test(charset) && isAscii(body)) return;
  throw new Refusal('unsupported-media-type', {
    detail: `The body must be UTF-8, and its Content-Type says \`charset=${charset.slice(0, MOST_SHOWN)}\`.`,
  });
}

/** As `readJson`, for clients that cannot be changed: the last of duplicate names counts. */
export const readOldJson = (bytes: Buffer): unknown => parsed(decode(bytes));

function parsed(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const place = placeOfFault(text);
    throw new Refusal('malformed-json', { detail: `The body is not JSON${place}.` });
  }
}

function decode(bytes: Buffer, encoding?: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    if (encoding !== undefined) throw new Refusal('unsupported-media-type');
    throw new Refusal('malformed-json', { detail: 'The body is not UTF-8.' });
  }
}

// The engine's own message quotes the body and often names no place; a second reading, on this path alone, does.
function placeOfFault(text: string): string {
  try {
    parseStrictly(text);
    return '';
  } catch (error) {
    const position = /at position (\d+)/.exec(String(error))?.[1];
    if (position === undefined) return '';
    const before = text.slice(0, Number(position)).split('\n');
    const what = Number(position) < text.length ? 'an unexpected character' : 'it ends unexpectedly';
    return `: ${what} at position ${position} (line ${before.length}, column ${before.at(-1)!.length + 1})`;
  }
}
