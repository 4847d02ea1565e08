import { parse as parseQuery } from 'node:querystring';
import type { FastifyRequest } from 'fastify';
import { parse as parseLossless } from 'lossless-json';
import { Refusal } from '#canonical';
import { readOldJson } from '../http/json.js';

/**
 * Reads a till's body: empty, JSON, form or multipart. Old programs declare a wrong type or none, so the format is
 * detected from the first bytes. Throws `malformed-json`.
 */
export async function readTillBody(_: FastifyRequest, bytes: Buffer): Promise<unknown> {
  const body = bytes.subarray(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
  const text = textOf(body).trim();
  if (text === '') return {};
  if (text.startsWith('{')) return readTillJson(text);
  const boundary = /^--(\S{1,70})\r?\n/.exec(text)?.[1];
  if (boundary !== undefined) return readMultipart(Buffer.from(text), boundary);
  if (/^[\w.%-]+=/.test(text)) return parseQuery(text, '&', '=', { decodeURIComponent: unescaped });
  throw new Refusal('malformed-json', { detail: 'The body is neither JSON nor a form.' });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const cp1251 = new TextDecoder('windows-1251');

// Old Windows programs send its Cyrillic code page. Read as UTF-8, all its letters would be the same, and so would receipts.
function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return cp1251.decode(bytes);
  }
}

const unescaped = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, run => textOf(Buffer.from(run.replaceAll('%', ''), 'hex')));

/** A whole number keeps all its digits: receipt numbers made of timestamps exceed a double. */
function readTillJson(text: string): unknown {
  const read = readOldJson(Buffer.from(text));
  const values = Object.values(read as object) as unknown[];
  // v1 has no nested parameters: they are refused later, whatever their numbers.
  if (!values.some(isRounded) || values.some(value => typeof value === 'object' && value !== null))
    return read;
  return parseLossless(text, undefined, {
    parseNumber: digits => (/^-?\d+$/.test(digits) ? digits : Number(digits)),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

const isRounded = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

async function readMultipart(body: Buffer, boundary: string): Promise<object> {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  try {
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    return Object.fromEntries([...form.keys()].map(name => [name, form.getAll(name)]));
  } catch {
    throw new Refusal('malformed-json', { detail: 'The multipart body is truncated.' });
  }
}
