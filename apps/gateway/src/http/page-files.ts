import { readFileSync, readdirSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyReply } from 'fastify';
import { found } from './found.js';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// Own files only: no inline script, no framing, and texts never become markup.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  // A page that opens a provider's popup must still be its opener.
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The files of one page, read once: what is not in its folder cannot be asked for. */
export class PageFiles {
  readonly #texts: Map<string, string>;

  constructor(folder: URL) {
    this.#texts = new Map(
      readdirSync(folder).map(name => [name, readFileSync(new URL(name, folder), 'utf8')]),
    );
  }

  /** The text of a file, with the headers that belong to it put on the answer; `marks` replaces `{{name}}` in it. */
  send(reply: FastifyReply, name: string, marks: Record<string, string> = {}): string {
    const text = found(this.#texts.get(name));
    void reply.headers(headers).type(types[extname(name)]!);
    return Object.entries(marks).reduce(
      (page, [mark, value]) => page.replaceAll(`{{${mark}}}`, () => asText(value)),
      text,
    );
  }
}

const asText = (value: string): string => value.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`);
