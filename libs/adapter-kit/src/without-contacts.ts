/** The beginning of a provider's text, without e-mail addresses and phone numbers: a refusal may repeat the values that were sent. */
export const withoutContacts = (text: string): string =>
  text
    .replace(/\S+@\S+/g, '…')
    .replace(/\+?\d[\d\s()-]{5,}\d/g, '…')
    .slice(0, 200);
