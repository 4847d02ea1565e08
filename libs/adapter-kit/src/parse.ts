import { isUtf8 } from 'node:buffer';
import { XMLParser } from 'fast-xml-parser';
import { isSafeNumber, parse as parseLossless } from 'lossless-json';
import type { WireAnswer } from './exchange.js';
import { withoutPhpNotices } from './php-notices.js';

/** Parses a response into a `WireAnswer`; never throws: a response that is neither JSON nor XML has no `body`. */
export function readWire(status: number, headers: Record<string, string>, bytes: Buffer): WireAnswer {
  const text = clean(decode(bytes, headers['content-type']));
  return { status, headers, text, ...parseBody(withoutPhpNotices(text)) };
}

// Old sites answer in windows-1251, some of them without declaring it, and some declare it but write UTF-8. Valid UTF-8 is
// read as UTF-8; anything else without a declared charset is read as windows-1251, so that refusals stay readable.
function decode(bytes: Buffer, contentType = ''): string {
  const wide = /^(\xff\xfe|\xfe\xff)/.exec(bytes.toString('latin1', 0, 2));
  if (wide) return new TextDecoder(wide[0] === '\xff\xfe' ? 'utf-16le' : 'utf-16be').decode(bytes);
  const named = /charset\s*=\s*["']?([\w:.-]+)/i.exec(contentType)?.[1] ?? xmlEncoding(bytes);
  if (isUtf8(bytes) && !/^utf-?16/i.test(named ?? '')) return bytes.toString('utf8');
  const label = named === undefined || /^utf-?8$/i.test(named) ? 'windows-1251' : named;
  try {
    return new TextDecoder(label).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

const xmlEncoding = (bytes: Buffer): string | undefined =>
  /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w:.-]+)/i.exec(bytes.toString('latin1', 0, 200))?.[1];

// Some servers send BOMs (PHP one for each included file that has one), which `trim` removes, or control characters; neither may
// reach a parser, a log or a screen.
const clean = (text: string): string => withoutControls(text.trim());
const withoutControls = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');

// What may precede the first element of a page, and the elements with which no provider's XML begins.
const PROLOGUE = /^(\s|<\?xml[^>]{0,200}\?>|<!--[^]{0,1000}?-->)+/i;
const PAGE =
  /^<(!doctype\s+html|(html|head|body|title|meta|link|script|style|center|div|p|br|b|hr|font|table|pre|h[1-6])[\s>/])/i;

// JSON concatenated by hand may contain raw tabs and line ends in its strings, where only escapes are allowed.
function parseBody(text: string): Pick<WireAnswer, 'body' | 'format'> {
  const start = text.trimStart().slice(0, 200);
  if (start === '') return { body: undefined, format: 'empty' };
  if (PAGE.test(text.slice(0, 2_000).replace(PROLOGUE, ''))) return { body: undefined, format: 'html' };
  if (start.startsWith('<')) return attempt(() => parseXml(text), 'xml');
  const json = attempt(() => parseJson(text), 'json');
  return json.format === 'json' ? json : attempt(() => parseJson(text.replace(/[\t\r\n]/g, ' ')), 'json');
}

function attempt(parse: () => unknown, format: 'json' | 'xml'): Pick<WireAnswer, 'body' | 'format'> {
  try {
    return { body: parse(), format };
  } catch {
    return { body: undefined, format: 'text' };
  }
}

// Without loss: a number that a double cannot hold exactly stays text.
function parseJson(text: string): unknown {
  return parseLossless(text, harmless, digits => (isSafeNumber(digits) ? Number(digits) : digits));
}

// Such names would reach a prototype. And Postgres rejects texts with `\u0000` or half a surrogate pair: the answer could not be stored.
function harmless(key: string, value: unknown): unknown {
  if (key === '__proto__' || key === 'constructor') return undefined;
  return typeof value === 'string' ? withoutControls(value).replace(/\p{Cs}/gu, '\ufffd') : value;
}

// The entities of XML and HTML, and numeric character references; CDATA stays as it is.
const xml = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: true,
  htmlEntities: true,
  ignoreDeclaration: true,
  trimValues: true,
});

function parseXml(text: string): unknown {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new Error('a document type is not accepted');
  return xml.parse(text);
}
