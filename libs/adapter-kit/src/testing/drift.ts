/** One way in which a provider's answer may deviate from its documentation. */
export interface Drift {
  /** The change and its place: `drop /items/0/id`. */
  name: string;
  body: unknown;
  /** How much of the result may change: `nothing-new` = each fact stays or disappears, `nothing-made-up` = no zero or empty text replaces another value, `anything` = any valid result. */
  allows: 'nothing-new' | 'nothing-made-up' | 'anything';
}

type Json = unknown;
type Path = (string | number)[];

/** The unknown member that drift adds to every object. */
export const EXTRA = 'addedByDrift';
const EXTRA_VALUE = { [EXTRA]: { since: 'v3', list: [1] } };

/** Every drift of one body: each field dropped, null, empty, of another type, with an unknown value; extra fields; whole bodies of another type. */
export function driftsOf(body: Json): Drift[] {
  const whole = [null, [], {}, 'ok', 0].map((other): Drift => ({
    name: `body ${JSON.stringify(other)}`,
    body: other,
    allows: 'anything',
  }));
  return [...whole, ...pathsOf(body).flatMap(path => driftsAt(body, path))];
}

function driftsAt(body: Json, path: Path): Drift[] {
  const value = at(body, path);
  const change = (name: string, allows: Drift['allows'], next?: Json): Drift => ({
    name: `${name} /${path.join('/')}`,
    body: replaced(body, path, next),
    allows,
  });
  const extra =
    isObject(value) && !isMap(value, path)
      ? [change('extend', 'nothing-new', { ...value, ...EXTRA_VALUE })]
      : [];
  if (path.length === 0) return extra;
  if (typeof value === 'object' && value !== null) {
    const others = Array.isArray(value) ? [[], {}, 'none'] : [[], {}, 'none', 0];
    const swaps = others.map(other => change(`make ${JSON.stringify(other)}`, 'anything', other));
    return [...extra, change('drop', 'anything'), change('null', 'anything', null), ...swaps];
  }
  return [
    change('drop', 'nothing-made-up'),
    change('null', 'nothing-made-up', null),
    change('empty', 'anything', ''),
    change('nest', 'anything', { value }),
    ...otherKind(value).map(other => change('retype', 'nothing-new', other)),
    ...(typeof value === 'string' ? [change('new word', 'anything', 'a_new_word')] : []),
  ];
}

// Only without loss: "007" as a number is another code, and `"+7…"` is not a number at all.
function otherKind(value: Json): Json[] {
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'string' && /^-?(0|[1-9]\d{0,14})(\.\d{1,4})?$/.test(value)) return [Number(value)];
  return [];
}

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// In an object keyed by ids, an extra member is another row, not an extra field.
const isMap = (value: Record<string, Json>, path: Path): boolean =>
  path.length > 0 && Object.values(value).every(isObject);

// Only the first two rows of a list: the same code reads the others.
function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys: Path = Array.isArray(value) ? [...value.keys()].slice(0, 2) : Object.keys(value);
  return [
    path,
    ...keys.flatMap(key => pathsOf((value as Record<string | number, Json>)[key], [...path, key])),
  ];
}

const at = (value: Json, path: Path): Json =>
  path.reduce((inner, key) => (inner as Record<string | number, Json>)[key], value);

function replaced(value: Json, [key, ...rest]: Path, next: Json): Json {
  if (key === undefined) return next;
  if (Array.isArray(value)) {
    const items = value.map((item, index) => (index === key ? replaced(item, rest, next) : item));
    return rest.length === 0 && next === undefined ? items.filter((_, index) => index !== key) : items;
  }
  const copy = { ...(value as Record<string, Json>) };
  if (rest.length === 0 && next === undefined) delete copy[key];
  else copy[key] = replaced(copy[key], rest, next);
  return copy;
}

/** The leaves of a result as `name=text`, with numbers in one notation. */
export function factsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) =>
      key === EXTRA ? [] : factsOf(inner, Array.isArray(value) ? name : key),
    );
  const text = String(value);
  return [
    `${name}=${/^-?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text))) ? Number(text) : text}`,
  ];
}

/** Texts and numbers that only a bug of ours can produce: `NaN`, `undefined`, `[object Object]`. */
export function nonsenseIn(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(nonsenseIn);
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [String(value)];
  const bad = /\b(NaN|undefined|null|Infinity)\b|\[object |Invalid Date/;
  return typeof value === 'string' && bad.test(value) ? [value] : [];
}

/** The facts in the result after the drift that the answer did not contain; empty if the adapter handled the drift. */
export function madeUp({ allows }: Pick<Drift, 'allows'>, before: unknown, after: unknown): string[] {
  const known = new Set([...factsOf(before), ...nonsenseIn(before)]);
  const novel = factsOf(after).filter(fact => !known.has(fact));
  const nonsense = nonsenseIn(after).filter(text => !known.has(text));
  if (allows === 'nothing-new') return [...nonsense, ...novel];
  if (allows === 'anything') return nonsense;
  return [...nonsense, ...novel.filter(fact => /=0?$/.test(fact))];
}
