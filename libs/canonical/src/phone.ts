import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const e164 = /^\+[1-9]\d{6,14}$/;

/** Whether the text is an E.164 number of a possible length for its country; no country is ever guessed. */
export function isPhone(text: string): boolean {
  return e164.test(text) && parsePhoneNumberFromString(text)?.isPossible() === true;
}

/** An E.164 number from a provider's bare digits with country code (LoyalClient sends a JSON number); undefined if they are not one. */
export function fromDigits(digits: string | number): string | undefined {
  const phone = `+${digits}`.replace(/^\+\+/, '+');
  return isPhone(phone) ? phone : undefined;
}
