import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { SimulatedAnswer } from '#adapter-kit/testing';

/** An answer in bytes, ready for the wire. */
export interface Rendered {
  status: number;
  /** Lower-case names; without Content-Length. */
  headers: Record<string, string>;
  bytes: Buffer;
}

/** Turns a simulator's answer into bytes; a body that is not a string is sent as JSON. */
export function rendered(answer: SimulatedAnswer, date: Date): Rendered {
  const { status, body } = answer;
  const isText = typeof body === 'string';
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(isText ? body : JSON.stringify(body));
  const kind = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const given = Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const typed = bytes.length > 0 ? { 'content-type': kind } : {};
  return { status, headers: { ...typed, date: date.toUTCString(), ...Object.fromEntries(given) }, bytes };
}

/** Sends a complete, correct answer. */
export function send(response: ServerResponse, { status, headers, bytes }: Rendered): void {
  response.sendDate = false;
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? headers : { ...headers, 'content-length': bytes.length });
  response.end(bodiless ? undefined : bytes);
}

/** The head as text, for broken answers that Node would not let us send. */
export function headText({ status, headers }: Rendered, more: Record<string, string>): string {
  const lines = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

/** The request is over 16 MiB, twice the largest that a provider documents. */
export class TooLong extends Error {}

const MOST = 16 * 1024 * 1024;

/** Reads a request's whole body; rejects if the caller disconnects, and with `TooLong` if it is too long. */
export function bodyOf(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST) reject(new TooLong());
      else chunks.push(chunk);
    });
    incoming.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    incoming.on('error', reject);
    incoming.on('close', () => reject(new Error('the caller went away')));
  });
}
