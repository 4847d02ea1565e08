const MASK = '***';
/** Bytes in a text (an offer's picture): their kind says enough. */
const DATA_URI = /^data:([\w.+-]+\/[\w.+-]+)?[^,]{0,100},[\s\S]*/;
const LONGEST_TEXT = 2_000;
const LONGEST_LEAF = 300;
const MOST_LEAVES = 2_000;
const DEEPEST = 12;

// What tells who somebody is, or lets one act in their name, in the words of providers; compared without case and separators.
const PERSONAL_KEY = new RegExp(
  [
    'phone|msisdn|mail|name|surname|patronymic|birth|gender|avatar|photo|contact|address|comment|recommendation',
    'account|wallet|card|login|telegram|skype|whatsapp|vkid|useragent|referrer|referer|landing|querystring|hash',
    'token|secret|passw|apikey|authori|signature|cookie|session|credential|jwt',
    '^(?:code|promocode|onetimecode|authcode|otp|pin|pan|tel|uid|ip|search|identifier|value|externalid|key|sex)$',
  ].join('|'),
);

// In this order: a token may hold what looks like a card, a card what looks like a phone. Every repetition is bounded,
// so that no text of a provider makes them slow.
const WORDS_OF_ACCESS = [
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g,
  /\blgk_[\w-]+/g,
  /\b(?:Bearer|Basic)\s{1,3}[\w.~+/=-]{6,}/gi,
];
// Only from where a word begins: tried at every letter of a long one it would cost sixty times as much.
const EMAIL =
  /(?<![\p{L}\d.!#$&'*+/=?^_`{|}~%-])[\p{L}\d.!#$&'*+/=?^_`{|}~%-]{1,64}@(?:[\p{L}\d-]{1,63}\.){1,8}[\p{L}\d-]{2,63}/gu;
const PHONE_WITH_PLUS = /\+[\s(]{0,2}\d(?:[\s().-]{0,3}\d){6,14}/g;
// UUIDs and dates are matched first, to be left alone.
const CARD_OR_PHONE =
  /(?<kept>\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\b(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))|(?<![\d.])\d(?:[\s().-]{0,3}\d){9,18}(?!\d)/gi;

// Numbers stay in a path: there they are the provider's ids.
const OF_A_PATH = [...WORDS_OF_ACCESS, EMAIL, PHONE_WITH_PLUS];
const OF_A_TEXT = [...OF_A_PATH, CARD_OR_PHONE];
/** What all of them need: most texts have none of it and are done with one look. */
const SUSPECT = /[\d@]|eyJ|lgk_|bearer|basic/i;

/** Masks the given secrets, tokens, e-mail addresses, phone and card numbers in a text, and cuts it at 2,000 characters. Secrets under 4 characters are not looked for. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return clip(maskPatterns(maskSecrets(text, secrets), OF_A_TEXT));
}

/** The same value with every personal or secret field masked, at any depth, and texts inside others redacted; stops after so many fields and items, and says so. */
export function redactValue(value: unknown, secrets: readonly string[] = [], most = MOST_LEAVES): unknown {
  return new Redaction(secrets, most).walk(value, '', 0);
}

/** A URL as a log may keep it: names of query parameters without their values, secrets and personal segments of the path masked. */
export function redactUrl(url: string, secrets: readonly string[] = []): string {
  if (!URL.canParse(url)) return MASK;
  const { origin, pathname, searchParams } = new URL(url);
  const path = pathname
    .split('/')
    .map(segment => {
      const plain = decode(segment);
      const safe = maskPatterns(maskSecrets(plain, secrets), OF_A_PATH);
      return safe === plain ? segment : MASK;
    })
    .join('/');
  const names = [...searchParams.keys()].map(name => `${encodeURIComponent(name)}=${MASK}`);
  return origin + path + (names.length === 0 ? '' : `?${names.join('&')}`);
}

/** Shorter texts are not looked for: they stand inside half of all words. */
const SHORTEST_SECRET = 4;
/** A longer text is a page or a picture, and nobody's name. */
const LONGEST_SECRET = 1_000;
const MOST_TEXTS = 200;
/** Beside what is personal stands what it is called: words that every sentence uses. */
const WORDS_OF_ALL = /^(?:type|kind|gender|currency)$/;

/** The texts under all fields that are personal or secret by their names, at any depth: what an answer must not repeat. */
export function personalTexts(value: unknown): string[] {
  const texts = new Set<string>();
  gather(value, { texts, personal: false, depth: 0 });
  return [...texts];
}

function gather(value: unknown, at: { texts: Set<string>; personal: boolean; depth: number }): void {
  if (value === null || value === undefined || at.depth > DEEPEST || at.texts.size >= MOST_TEXTS) return;
  if (typeof value !== 'object') {
    const text = String(value as string | number | boolean);
    if (at.personal && text.length >= SHORTEST_SECRET && text.length <= LONGEST_SECRET) at.texts.add(text);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (WORDS_OF_ALL.test(key)) continue;
    const personal = at.personal || PERSONAL_KEY.test(bare(key));
    gather(item, { texts: at.texts, personal, depth: at.depth + 1 });
  }
}

class Redaction {
  constructor(
    private readonly secrets: readonly string[],
    private left: number,
  ) {}

  walk(value: unknown, key: string, depth: number): unknown {
    if (value === null || value === undefined || typeof value === 'boolean') return value;
    if (PERSONAL_KEY.test(bare(key))) return MASK;
    if (typeof value !== 'object') return this.leaf(value, key);
    if (depth >= DEEPEST) return '…';
    return Array.isArray(value) ? this.list(value, key, depth) : this.fields(value, depth);
  }

  private list(list: unknown[], key: string, depth: number): unknown[] {
    const kept: unknown[] = [];
    for (const item of list) {
      if (this.left <= 0) return [...kept, `… ${list.length - kept.length} more`];
      kept.push(this.walk(item, key, depth + 1));
    }
    return kept;
  }

  private fields(record: object, depth: number): Record<string, unknown> {
    const kept: [string, unknown][] = [];
    for (const [key, value] of Object.entries(record)) {
      if (this.left-- <= 0) {
        kept.push(['…', 'more']);
        break;
      }
      // Some providers key a list by what they list: a phone or e-mail can be a field's name.
      kept.push([clip(redactText(key, this.secrets), LONGEST_LEAF), this.walk(value, key, depth + 1)]);
    }
    return Object.fromEntries(kept);
  }

  private leaf(value: unknown, key: string): unknown {
    if (typeof value === 'string' && DATA_URI.test(value)) return value.replace(DATA_URI, 'data:$1,…');
    this.left--;
    const text = String(value);
    // An id of thirteen digits is no phone, and the one thing that a support case needs; nor is an amount, or a time in seconds.
    const masked =
      (/(?:id|time)$/i.test(key) && /^\d+$/.test(text)) || /^-?\d{1,12}\.\d+$/.test(text)
        ? maskSecrets(text, this.secrets)
        : redactText(text, this.secrets);
    return masked === text && typeof value !== 'string' ? value : clip(masked, LONGEST_LEAF);
  }
}

function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const form of formsOf(secrets)) if (masked.includes(form)) masked = masked.replaceAll(form, MASK);
  return masked;
}

/** A call has one list of secrets, and dozens of texts that are looked through for them. */
const forms = new WeakMap<readonly string[], readonly string[]>();

function formsOf(secrets: readonly string[]): readonly string[] {
  let known = forms.get(secrets);
  if (!known) forms.set(secrets, (known = everyForm(secrets)));
  return known;
}

/** The secrets as they may be written. The longest first: one that stands inside another would leave the other's ends. */
function everyForm(secrets: readonly string[]): string[] {
  const words = secrets.filter(word => word.length >= SHORTEST_SECRET);
  const sorted = words.toSorted((one, other) => other.length - one.length);
  const written = sorted.flatMap(word => [word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1)]);
  return [...new Set(written)];
}

function maskPatterns(text: string, patterns: readonly RegExp[]): string {
  // Ten times what is kept, so that a match which the cut would halve is never among it.
  const start = text.slice(0, 10 * LONGEST_TEXT);
  if (!SUSPECT.test(start)) return start;
  return patterns.reduce(
    (masked, pattern) => masked.replace(pattern, (...match) => match.at(-1).kept ?? MASK),
    start,
  );
}

const bare = (key: string): string => key.toLowerCase().replace(/[^\p{L}\d]/gu, '');

const clip = (text: string, length = LONGEST_TEXT): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
