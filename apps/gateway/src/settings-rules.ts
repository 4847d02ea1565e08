import { isIP } from 'node:net';

const make = 'make one with: openssl rand -base64 32';

/** What is wrong with a master key, in a sentence that names its variable and tells how to make a good one; undefined = nothing. */
export function masterKeyFault(value: unknown, name = 'MASTER_KEY'): string | undefined {
  if (typeof value !== 'string') return `${name} is missing: it takes 32 random bytes in base64; ${make}`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return `${name} takes 32 random bytes in base64; ${make}`;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 32) return `${name} has ${bytes.length} bytes; it must have 32, in base64; ${make}`;
  if (isKnown(bytes)) return `${name} is not random, so others could guess it; ${make}`;
  return undefined;
}

// 32 random bytes practically never look like this; zeros, counters, repetitions and texts from examples do.
function isKnown(bytes: Buffer): boolean {
  const step = (bytes[1]! - bytes[0]!) & 0xff;
  const counts = bytes.every((byte, index) => index === 0 || ((byte - bytes[index - 1]!) & 0xff) === step);
  const text = bytes.every(byte => byte >= 0x20 && byte <= 0x7e);
  return counts || text || new Set(bytes).size < 16;
}

/** Says whether the text is a URL of Postgres that can be read: a password that holds a % as it is breaks one. */
export function isPostgresUrl(text: unknown): boolean {
  // A socket in place of a host: postgres://user@/name?host=/run/postgresql
  return isUrl(text, /^postgres(ql)?:\/\/./) && URL.canParse(text.replace('@/', '@socket/'));
}

/** Says whether the text is a URL of Redis that can be read; its path is empty or the number of a database. */
export function isRedisUrl(text: unknown): boolean {
  if (!isUrl(text, /^rediss?:\/\/./) || !URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && /^(\/\d*)?$/.test(pathname);
}

function isUrl(text: unknown, begins: RegExp): text is string {
  if (typeof text !== 'string' || !begins.test(text)) return false;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Where to call what listens on a host: 0.0.0.0 and :: are where to listen, not where to call; a name is read as localhost. */
export const callableHost = (host: string): string =>
  isIP(host) === 0 || ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;

/** A host and a port as URLs and EGRESS_ALLOW have them: `127.0.0.1:3001`, `[::1]:3001`. */
export const withPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Says whether the text is a network in CIDR form, or one address. */
export function isCidr(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const widest = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  return more.length === 0 && Number(bits ?? 0) <= widest && /^\d{1,3}$/.test(bits ?? '0');
}
