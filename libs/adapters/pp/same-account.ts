import { bareText } from '#adapter-kit';

const lookAlikes: Record<string, string> = { а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i' };

const MASK = /[*•·…#]+|\.{3,}|[xх]{3,}/i;
/** Fewer letters and digits may belong to any account. */
const LEAST_SHOWN = 6;

/** Whether a site may have stored this account in this form: without spaces and signs, in capitals, with its middle masked. */
export function sameAccount(theirs: string, ours: string): boolean {
  if (fold(theirs) === fold(ours)) return true;
  const [head = '', tail = '', ...more] = theirs
    .replace(/[\s-]+/g, '')
    .split(MASK)
    .map(fold);
  const sent = fold(ours);
  const masked = MASK.test(theirs) && !MASK.test(ours) && more.length === 0;
  const shown = head.length + tail.length;
  return (
    masked && shown >= LEAST_SHOWN && shown < sent.length && sent.startsWith(head) && sent.endsWith(tail)
  );
}

// Sites strip spaces and signs from accounts, and replace Latin letters by Cyrillic ones in words like `select`.
const fold = (account: string): string =>
  bareText(account).replace(/[аеорсухі]/g, letter => lookAlikes[letter]!);
