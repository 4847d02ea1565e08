import { typeidUnboxed } from 'typeid-js';

/** The prefixes of our ids, with the kind of object that each stands for. */
export const idPrefixes = {
  con: 'connection',
  cus: 'customer',
  hld: 'hold',
  pur: 'purchase',
  rfd: 'refund',
  opr: 'operation',
  lnk: 'link',
  led: 'lead',
  cnv: 'conversion',
  pay: 'payout',
  evt: 'event',
  sub: 'subscription',
  dlv: 'delivery',
  key: 'api-key',
  ten: 'tenant',
  adj: 'balance-adjustment',
  csn: 'consent-session',
  aud: 'audit-entry',
  pcl: 'provider-call',
} as const;

/** A prefix of our ids: `pur` in `pur_01h455vb4pex5vsknk084sn02q`. */
export type IdPrefix = keyof typeof idPrefixes;

/** Creates a TypeID: prefix and UUIDv7, so that ids of one kind sort by creation time. */
export function newId(prefix: IdPrefix): string {
  return typeidUnboxed(prefix);
}

// 26 characters of Crockford base32 hold 130 bits; a UUID has 128, so the first digit is at most 7.
const suffix = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const patterns = new Map(
  Object.keys(idPrefixes).map(prefix => [prefix, new RegExp(`^${prefix}_${suffix}$`)]),
);

/** Whether the text has the form of an id of this kind; nothing is looked up. */
export function isId(prefix: IdPrefix, text: unknown): text is string {
  return typeof text === 'string' && patterns.get(prefix)!.test(text);
}
