import { createHash, randomBytes } from 'node:crypto';

/** The form of a key: `lgk_` and at least 43 visible ASCII characters. */
export const keyPattern = /^lgk_[\x21-\x7e]{43,252}$/;

/** A new key with 256 random bits. */
export const newKey = (): string => `lgk_${randomBytes(32).toString('base64url')}`;

/** What is stored in place of a key. Its 256 random bits cannot be guessed, so that a slow hash would protect nothing. */
export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** So much of a key may be shown in lists and logs. */
export const prefixOf = (key: string): string => key.slice(0, 12);
