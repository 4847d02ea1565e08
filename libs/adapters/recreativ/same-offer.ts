import { bareText } from '#adapter-kit';
import { decodeHTMLStrict } from 'entities';
import type { RecreativOffer } from './models.js';
import type { RecreativOfferCreate } from './queries.js';

/** Whether a listed offer is the sent one, may be it (its address or its text is, or is like it but truncated, escaped, with tracking parameters), or is another. What is not shown tells nothing: the rest decides. */
export function sameOffer(
  { url, title, description }: RecreativOffer,
  sent: Pick<RecreativOfferCreate, 'url' | 'description'>,
): 'yes' | 'perhaps' | 'no' {
  const texts = [title, description].filter(text => text != null);
  const shown = (address: (url: string) => boolean, words: (text: string) => boolean) => [
    ...(url == null ? [] : [address(url)]),
    ...(texts.length === 0 ? [] : [texts.some(words)]),
  ];
  const equal = shown(
    one => plain(one) === plain(sent.url),
    text => text.trim() === sent.description.trim(),
  );
  if (equal.length === 0) return 'perhaps';
  if (!equal.includes(false)) return 'yes';
  const alike = shown(
    one => bareAddress(one) === bareAddress(sent.url),
    text => begins(bare(text), bare(sent.description)),
  );
  return alike.includes(true) ? 'perhaps' : 'no';
}

/** A URL in the one spelling of its host and path, without the parts that never distinguish two. */
export function plain(url: string): string {
  const { href } = URL.parse(url.trim()) ?? { href: url.trim() };
  return href.replace(/\/$/, '');
}

const bareAddress = (url: string): string =>
  plain(decodeHTMLStrict(url))
    .toLowerCase()
    .replace(/^https?:\/\/(www\.)?/, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');

const bare = (text: string): string => bareText(decodeHTMLStrict(text));

const SHORTEST_CUT = 8;

const begins = (a: string, b: string): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short === long || (short.length >= SHORTEST_CUT && long.startsWith(short));
};
