import { createHmac, timingSafeEqual } from 'node:crypto';

// A key of the sandbox only; it proves nothing outside.
const SECRET = 'recca-sandbox';

/** The claims of a token of the popup. */
export interface Claims {
  tenant: string;
  /** `ub_…` */
  sub: string;
  /** Unix seconds. */
  exp: number;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text: string): string => createHmac('sha256', SECRET).update(text).digest('base64url');

/** A signed token. */
export function issue(claims: Claims): string {
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign(text)}`;
}

/** The claims of a token with a valid signature; else `undefined`. */
export function verify(token: string): Claims | undefined {
  const [header, payload, signature] = token.split('.');
  const right = Buffer.from(sign(`${header}.${payload}`));
  const given = Buffer.from(signature ?? '');
  if (!payload || right.length !== given.length || !timingSafeEqual(right, given)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
}
