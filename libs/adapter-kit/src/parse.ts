import { XMLParser } from 'fast-xml-parser';
import { isSafeNumber, parse as parseLossless } from 'lossless-json';
import type { WireAnswer } from './exchange.js';

/** Makes a `WireAnswer` of what came over the wire; never throws: what is neither JSON nor XML has no `body`. */
export function readWire(status: number, headers: Record<string, string>, bytes: Buffer): WireAnswer {
  const text = clean(bytes.toString('utf8'));
  return { status, headers, text, ...parseBody(text) };
}

// A BOM and control characters are noise of some servers; neither may reach a parser, a log or a screen.
const clean = (text: string): string =>
  text.replace(/^\uFEFF/, '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');

function parseBody(text: string): Pick<WireAnswer, 'body' | 'format'> {
  const start = text.trimStart().slice(0, 200);
  if (start === '') return { body: undefined, format: 'empty' };
  if (/^<(!doctype\s+html|html|head|body|script|center|h1)/i.test(start))
    return { body: undefined, format: 'html' };
  if (start.startsWith('<')) return attempt(() => parseXml(text), 'xml');
  return attempt(() => parseJson(text), 'json');
}

function attempt(parse: () => unknown, format: 'json' | 'xml'): Pick<WireAnswer, 'body' | 'format'> {
  try {
    return { body: parse(), format };
  } catch {
    return { body: undefined, format: 'text' };
  }
}

/** JSON without loss: a number that a double cannot hold exactly stays its text; `__proto__` and `constructor` are dropped. */
export function parseJson(text: string): unknown {
  return parseLossless(text, dropDangerous, digits => (isSafeNumber(digits) ? Number(digits) : digits));
}

const dropDangerous = (key: string, value: unknown): unknown =>
  key === '__proto__' || key === 'constructor' ? undefined : value;

// No entities beyond the five of XML itself: a document type with its own entities is refused by the parser's options.
const xml = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  trimValues: true,
});

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function parseXml(text: string): unknown {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Error('a document type is not accepted');
  return unescape(xml.parse(text));
}

function unescape(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/&(lt|gt|quot|apos|amp);/g, found => entities[found] ?? found);
  if (Array.isArray(value)) return value.map(unescape);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unescape(inner)]));
}
