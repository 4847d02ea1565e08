/** The letters and digits of a text, in lower case and normal width, to compare texts that a provider may store differently. */
export const bareText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
