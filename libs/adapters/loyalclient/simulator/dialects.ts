import type { LoyalClientDialect } from './dialect.js';

/** The dialects in which all tests must pass: each option occurs in at least one of them. */
export const dialects: Readonly<Record<string, Partial<LoyalClientDialect>>> = {
  'as documented': {},
  lists: { text: 'list', holdRelease: 'client', badKey: 403 },
  errors: { envelope: 'errors', holdRelease: 'own', badKey: 422 },
  'errors in lists': { envelope: 'errors', text: 'list', phoneSearch: 'any', maxHoldMinutes: 1 },
  error: { envelope: 'error', holdRelease: 'client', fractions: 'whole' },
  'error in lists': { envelope: 'error', text: 'list', holdRelease: 'own', refusalStatus: 200 },
  'error, a sentence': { envelope: 'sentence', holdRelease: 'own', fractions: 'whole', badKey: 422 },
  'error, sentences': { envelope: 'sentence', text: 'list', holdRelease: 'client', refusalStatus: 200 },
  'success false': { envelope: 'success-false', holdRelease: 'client', refusalStatus: 200, badKey: 422 },
  'whole amounts alone': { envelope: 'success-false', text: 'list', fractions: 'refuse' },
  'phones with a plus': { phoneSearch: 'plus', holdRelease: 'own' },
};
