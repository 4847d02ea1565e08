import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import { readJson } from '../http/json.js';

/**
 * Reads what a till posts, whatever it says that it is: nothing, JSON, a form, a multipart form. Old programs name the
 * wrong type, or none: what the bytes begin with is the better witness. Throws `malformed-json`.
 */
export async function readTillBody(_: FastifyRequest, bytes: Buffer): Promise<unknown> {
  const body = bytes.subarray(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
  const text = body.toString('utf8').trim();
  if (text === '') return {};
  if (text.startsWith('{')) return readJson(body);
  const boundary = /^--(\S{1,70})\r?\n/.exec(text)?.[1];
  if (boundary !== undefined) return readMultipart(body, boundary);
  if (/^[\w.%-]+=/.test(text)) return Object.fromEntries(new URLSearchParams(text));
  throw new Refusal('malformed-json', { detail: 'The body is neither JSON nor a form.' });
}

async function readMultipart(body: Buffer, boundary: string): Promise<object> {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  try {
    return Object.fromEntries(await new Response(new Uint8Array(body), { headers }).formData());
  } catch {
    throw new Refusal('malformed-json', { detail: 'The multipart body breaks off.' });
  }
}
