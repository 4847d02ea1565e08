import { randomBytes, randomUUID } from 'node:crypto';
import { newKey } from '../../../../apps/gateway/src/auth/key-hash.js';

const own = randomUUID().slice(0, 8);

/** Secrets and personal data of tills, shops and providers: each text occurs nowhere else. */
export const marks = {
  code: `code-canary-${own}`,
  // Digits only: providers and databases drop the plus.
  phone: '79037654321',
  card: '5536913788806537',
  displayName: `Канарейкина ${own}`,
  email: `canary-${own}@mail.example.com`,
  username: `login-canary-${own}`,
  telegram: `telegram_${own}`,
  skype: `skype.canary.${own}`,
  cashierName: `Кассирова ${own}`,
  cashierId: `cashier-canary-${own}`,
  contactName: `Лидова ${own}`,
  contactEmail: `lead-${own}@mail.example.com`,
  contactPhone: '79161112299',
  recommendation: `Советую от души ${own}`,
  account: 'U7654321',
  udsCompany: `company-canary-${own}`,
  udsKey: `uds-canary-key-${own}`,
  udsProof: Buffer.from(`company-canary-${own}:uds-canary-key-${own}`).toString('base64'),
  loyalclientKey: `loyalclient-canary-key-${own}`,
  recreativToken: `demo-recreativ-token-${own}`,
  ppKey: `demo-pp-key-${own}`,
  ppLogin: `pp-login-canary-${own}`,
  reccaKey: `rtk_live_demo_${own}`,
};

/** The name of a mark. */
export type Mark = keyof typeof marks;

/** Secrets of the processes' configuration. */
export const startSecrets = { masterKey: randomBytes(32), bootstrapKey: newKey() };

/** The texts to search for: all marks, the simulators' people, and the processes' secrets. */
export function words(made: Record<string, string>): Map<string, string> {
  const { masterKey, bootstrapKey } = startSecrets;
  return new Map([
    ...Object.entries(marks),
    // Lists show the first twelve characters of a key.
    ['bootstrapKey', bootstrapKey.slice(12)],
    ['masterKey in base64', masterKey.toString('base64')],
    ['masterKey in hex', masterKey.toString('hex')],
    ['the name of a UDS customer', 'Смирнова'],
    ['the phone of a UDS customer', '79990000001'],
    ['the name of a LoyalClient customer', 'Petrova'],
    ['the e-mail address of a UDS customer', 'anna@example.com'],
    ...Object.entries(made),
  ]);
}

/** The marks found in a text: plain, hex, URL- or JSON-encoded, and base64. */
export function found(text: string, looked: Map<string, string>): string[] {
  return [...looked]
    .filter(([, word]) => forms(word).some(form => text.includes(form)))
    .map(([name]) => name);
}

const known = new Map<string, string[]>();

function forms(word: string): string[] {
  const made = known.get(word) ?? formsOf(word);
  known.set(word, made);
  return made;
}

function formsOf(word: string): string[] {
  const bytes = Buffer.from(word);
  const escaped = [...word].map(sign =>
    sign > '~' ? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}` : sign,
  );
  // The inner base64 text depends on the offset of the word.
  const shifted = [0, 1, 2].map(shift =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  const all = [word, bytes.toString('hex'), encodeURIComponent(word), escaped.join(''), ...shifted];
  return [...new Set(all)].filter(form => form.length >= 8 || form === word);
}
