import { bareText } from '#adapter-kit';
import { decodeHTMLStrict } from 'entities';
import type { RecreativOffer } from './models.js';
import type { RecreativOfferCreate } from './queries.js';

/** Whether a listed offer is the sent one, may be it (its address or its text is, or is like it but truncated, escaped, with tracking parameters), or is another. */
export function sameOffer(
  { url, title, description }: RecreativOffer,
  sent: Pick<RecreativOfferCreate, 'url' | 'description'>,
): 'yes' | 'perhaps' | 'no' {
  const texts = [title, description].filter(text => text != null);
  const same = (form: (text: string) => string, like: (a: string, b: string) => boolean) =>
    texts.length === 0 || texts.some(text => like(form(text), form(sent.description)));
  const equal = (a: string, b: string) => a === b;
  if ((url == null || plain(url) === plain(sent.url)) && same(text => text.trim(), equal)) return 'yes';
  const near = url == null || bareAddress(url) === bareAddress(sent.url);
  return near || same(bare, begins) ? 'perhaps' : 'no';
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
