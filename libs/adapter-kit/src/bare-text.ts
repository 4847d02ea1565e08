/** A text's letters and digits alone, in small ones and one width: what is left of it however a provider writes it down. */
export const bareText = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
