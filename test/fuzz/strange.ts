import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

const deep = (levels: number): unknown =>
  Array.from({ length: levels }).reduce<unknown>(inner => ({ a: inner }), 1);

/** Texts that are often handled wrongly. */
export const strangeTexts: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'null',
    'undefined',
    'NaN',
    '0x10',
    '1e3',
    '1,5',
    '-0',
    '--',
    '٣',
    '\u0000',
    'a\u0000b',
    '\uD800',
    '\u202Eabc',
    '😀'.repeat(300),
    'ß'.repeat(70),
    "'; drop table operations; --",
    '{{7*7}}',
    '../../etc/passwd',
    '<script>alert(1)</script>',
    '9'.repeat(40),
    `0.${'0'.repeat(30)}1`,
    'x'.repeat(5_000),
    '2026-02-30',
    '9999-99-99',
    '+7999',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);

const strangeValues: Arbitrary<unknown> = fc.oneof(
  strangeTexts,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    2 ** 53,
    5e-324,
    [],
    {},
    [[]],
    [null],
    deep(60),
  ),
  fc.object({ maxDepth: 2 }),
);

type Bend = (value: any, other: unknown, at: number) => unknown;

const replaceField: Bend = (value, other, at) => {
  const names = Object.keys(value);
  return names.length === 0 ? other : { ...value, [names[at % names.length]!]: other };
};
const bendInside: Bend = (value, other, at) => {
  const inner = Object.entries(value).filter(([, part]) => typeof part === 'object' && part !== null);
  const [name, part] = inner[at % (inner.length || 1)] ?? [];
  return name === undefined
    ? replaceField(value, other, at)
    : { ...value, [name]: replaceField(part, other, at + 1) };
};
const dropField: Bend = (value, _, at) => {
  const names = Object.keys(value);
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== names[at % names.length]));
};
const unknownNames = ['colour', '__proto__', 'constructor', 'toString', '', 'a/b~c', 'й', 'x'.repeat(300)];
const addField: Bend = (value, other, at) => {
  // Built as a text: an assignment to __proto__ would not create a field.
  const own = Object.entries({ ...value }).map(
    ([name, part]) => `${JSON.stringify(name)}:${JSON.stringify(part) ?? 'null'}`,
  );
  const more = `${JSON.stringify(unknownNames[at % unknownNames.length])}:${JSON.stringify(other) ?? 'null'}`;
  return `{${[...own, more].join(',')}}`;
};
const cut: Bend = value => JSON.stringify(value).slice(0, -1);
const twice: Bend = value => `${JSON.stringify(value)}${JSON.stringify(value)}`;
const marked: Bend = value => `\uFEFF${JSON.stringify(value)}`;
const huge: Bend = value => ({ ...value, padding: 'x'.repeat(300_000) });
const another: Bend = (_, other) => JSON.stringify(other) ?? 'null';

const bends = [
  replaceField,
  replaceField,
  replaceField,
  bendInside,
  bendInside,
  bendInside,
  dropField,
  addField,
  cut,
  twice,
  marked,
  huge,
  another,
];

/** A value that is nearly valid. A text is sent as the raw body. */
export const strange = (good: Arbitrary<unknown>): Arbitrary<unknown> =>
  fc
    .tuple(good, fc.constantFrom(...bends), strangeValues, fc.nat({ max: 20 }))
    .map(([value, bend, other, at]) => bend(value ?? {}, other, at));

const key = fc.uuid();

/** Headers: nearly always an idempotency key, sometimes others. */
export const strangeHeaders: Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 12, arbitrary: key.map(fresh => ({ 'idempotency-key': fresh })) },
  { weight: 1, arbitrary: key.map(fresh => ({ 'idempotency-key': `"${fresh}"`, 'accept-language': 'ru' })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Record<string, string>>(
      {},
      { 'idempotency-key': 'short' },
      { 'idempotency-key': 'x'.repeat(300) },
      { 'idempotency-key': '"'.repeat(20) },
      { 'idempotency-key': 'the-same-key-for-everything' },
      { 'idempotency-key': 'a b c d e f g h i j' },
      { prefer: 'respond-async' },
      { prefer: 'wait=99' },
      { prefer: 'wait=-1, wait=x' },
      { prefer: 'wait="0"' },
      { 'gateway-connection': '' },
      { 'gateway-connection': 'nobody' },
      { 'gateway-connection': 'con_01h455vb4pex5vsknk084sn02q' },
      { 'gateway-connection': 'x'.repeat(500) },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json; charset=koi8-r' },
      { 'content-type': 'multipart/form-data' },
      { 'content-type': '' },
      { 'accept-language': '*;q=0.x, ru-RU;q=9' },
      { accept: 'application/xml' },
      { 'x-request-id': 'x'.repeat(500) },
      { 'x-request-id': '<b>' },
      { traceparent: '00-nonsense' },
      { authorization: 'Bearer nonsense' },
      { authorization: 'Basic bGdrOmxnaw==' },
      { 'if-none-match': '*' },
      { 'content-encoding': 'gzip' },
    ),
  },
);
