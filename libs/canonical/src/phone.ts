import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const e164 = /^\+[1-9]\d{6,14}$/;

/** Whether the text is an E.164 number of a possible length for its country; no country is ever guessed. */
export function isPhone(text: string): boolean {
  return e164.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
}

// Ten digits from 9 on are a Russian number without its country, although most of them could also be a number of Pakistan or
// Myanmar: shown or sold to as that one, it would be a stranger's.
const HOMELESS = /^9\d{9}$/;

/** An E.164 number from bare digits with country code (LoyalClient sends a JSON number), or with a plus before them; undefined if they are not one. */
export function fromDigits(digits: string | number): string | undefined {
  const text = String(digits);
  const phone = text.startsWith('+') ? text : `+${text}`;
  return isPhone(phone) && !HOMELESS.test(text) ? phone : undefined;
}
