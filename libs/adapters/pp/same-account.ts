import { bareText } from '#adapter-kit';
import type { PayoutAsk, PayoutData } from '#canonical';

const lookAlikes: Record<string, string> = { а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i' };

const MASK = /[*•·…#]+|\.{3,}|[xх]{3,}/i;
/** Fewer letters and digits may belong to any account. */
const LEAST_SHOWN = 6;

/** How a site shows an account: as this one (spaces, signs and capitals aside), masked so that it may be this one, or as another. */
export type AccountMatch = 'same' | 'masked' | 'other';

/** Compares an account as the site shows it with ours. */
export function matchAccount(theirs: string, ours: string): AccountMatch {
  const sent = fold(ours);
  if (fold(theirs) === sent) return 'same';
  if (!MASK.test(theirs) || MASK.test(ours)) return 'other';
  const [head = '', tail = '', ...more] = theirs
    .replace(/[\s-]+/g, '')
    .split(MASK)
    .map(fold);
  const shown = head.length + tail.length;
  const fits = more.length === 0 && shown >= LEAST_SHOWN && shown < sent.length;
  return fits && sent.startsWith(head) && sent.endsWith(tail) ? 'masked' : 'other';
}

// Sites strip spaces and signs from accounts, and replace Latin letters by Cyrillic ones in words like `select`.
const fold = (account: string): string =>
  bareText(account).replace(/[аеорсухі]/g, letter => lookAlikes[letter]!);

/** Whether a payout may be the one that was ordered: only the number of another method, with another account, shows that it is not. */
export const mayBe = ({ methodId = '', account = '' }: PayoutData, ask: PayoutAsk): boolean =>
  methodId === ask.methodId || !isMethod(methodId) || matchAccount(account, ask.account) !== 'other';

/** Whether a text is the number of a method as PP lists it. A method that was deleted or renamed is `0`, and a site may show its title. */
export const isMethod = (methodId: string): boolean => /^[1-9]\d*$/.test(methodId);
