import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { isMetadata, isPermitted, isPublic, parsePermit } from './address.js';
import { LookupOverdue, narrow, shared } from './look-ups.js';
import type { Narrows, Resolve } from './look-ups.js';

export type { Resolve } from './look-ups.js';

/** The gateway does not call this address; the message is a sentence for the person who gave it, and names no address that they did not. */
export class EgressRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EgressRefused';
  }
}

/** Where a socket is about to go. */
export interface Destination {
  /** A name, or an address without brackets. */
  host: string;
  port: number;
  secure: boolean;
}

/** Keeps the gateway from being sent to addresses that only it can reach (SSRF). */
export interface EgressGuard {
  /** Judges a base URL or webhook URL when it is saved; rejects with `EgressRefused`, also when the name cannot be resolved. */
  checkUrl(url: string): Promise<void>;
  /** Judges one address; throws `EgressRefused`. For hosts that are addresses already: Node never looks those up. */
  checkAddress(address: string, destination: Destination): void;
  /** The `lookup` of a socket: resolves anew, judges ALL addresses, and gives out only what was judged. */
  lookup(destination: Destination): LookupFunction;
  /** The same for webhooks: however many of their names are silent, the names of providers are looked up. */
  lookupAside(destination: Destination): LookupFunction;
}

// getaddrinfo, since names in the hosts file and in a container's own DNS must work as well.
const resolveBySystem: Resolve = host => systemLookup(host, { all: true, verbatim: true });

/** What a guard is made of. */
export interface GuardParts {
  /** Networks, or addresses with a port (`127.0.0.1:3001`). */
  allow: readonly string[];
  resolve?: Resolve;
  /** How long the name of a URL that is saved is looked up; 3,000 ms unless told. */
  checkWithinMs?: number;
}

/** Anybody with a key may save a URL, and its name's servers may be silent on purpose: such look-ups never take more threads than this. */
const CHECKS_AT_ONCE = 2;
/** As long as a webhook waits for its connection; half of the look-ups that run at once with the 32 threads of the image. */
const ASIDE: Narrows = { atOnce: 8, withinMs: 5_000 };

/** Makes the guard. Throws when an entry of `allow` is neither a network nor an address. */
export function createEgressGuard({ allow, checkWithinMs = 3_000, ...parts }: GuardParts): EgressGuard {
  const permits = allow.map(parsePermit);
  const resolve = shared(parts.resolve ?? resolveBySystem);
  const resolveSaved = narrow(resolve, { atOnce: CHECKS_AT_ONCE, withinMs: checkWithinMs });

  function checkAddress(address: string, { host, port, secure }: Destination): void {
    if (isIP(address) === 0 || isMetadata(address)) throw new EgressRefused(`${host} may not be called.`);
    if (isPermitted(permits, address, port)) return;
    if (isLocalName(host) || !isPublic(address))
      throw new EgressRefused(
        `${host} does not lead to a public address, and EGRESS_ALLOW does not cover it.`,
      );
    if (!secure)
      throw new EgressRefused('Only https is accepted, except where EGRESS_ALLOW covers the address.');
  }

  const judgedBy =
    (ask: Resolve): Judge =>
    async destination => {
      const found = await ask(destination.host);
      if (found.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
      for (const { address } of found) checkAddress(address, destination);
      return found;
    };

  const judgeSaved = judgedBy(resolveSaved);
  return {
    checkAddress,
    checkUrl: url => checkUrl(url, checkAddress, judgeSaved),
    lookup: lookupOf(judgedBy(resolve)),
    lookupAside: lookupOf(judgedBy(narrow(resolve, ASIDE))),
  };
}

type Judge = (destination: Destination) => Promise<LookupAddress[]>;

async function checkUrl(
  url: string,
  checkAddress: EgressGuard['checkAddress'],
  judged: Judge,
): Promise<void> {
  const destination = readDestination(url);
  if (isIP(destination.host) !== 0) return checkAddress(destination.host, destination);
  await judged(destination).catch((error: unknown) => {
    if (error instanceof EgressRefused) throw error;
    if (error instanceof LookupOverdue)
      throw new EgressRefused(
        `The host name ${destination.host} could not be resolved in time: its name server does not answer, or the gateway is looking up other names; try again.`,
      );
    throw new EgressRefused(`The host name ${destination.host} cannot be resolved.`);
  });
}

const lookupOf = (judged: Judge): EgressGuard['lookup'] => {
  return destination => (_host, options, callback) => {
    judged(destination).then(
      found => answerLookup(found, options, callback),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
};

const isLocalName = (host: string): boolean => /(^|\.)localhost\.?$/i.test(host);

// Names are compared, logged and fingerprinted as text: forms that mean the same but read otherwise are refused.
function readDestination(url: string): Destination {
  if (/[\s\\\p{Cc}]/u.test(url) || !URL.canParse(url)) throw new EgressRefused('This is not a valid URL.');
  const { protocol, username, password, hostname, port } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new EgressRefused('Only https URLs are accepted.');
  if (username !== '' || password !== '')
    throw new EgressRefused('The URL may not contain a user or password.');
  if (url.includes('#')) throw new EgressRefused('The URL may not have a fragment.');
  if (hostname === '' || hostname.endsWith('.'))
    throw new EgressRefused('The URL needs a complete host name.');
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? (secure ? 443 : 80) : Number(port), secure };
}

function answerLookup(
  found: LookupAddress[],
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
  const fitting = found.filter(entry => family === 0 || entry.family === family);
  const [first] = fitting;
  if (!first) return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), []);
  if (options.all) return callback(null, fitting);
  callback(null, first.address, first.family);
}
