import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Ask } from '../support/gateway.js';
import { resolved } from './api-document.js';
import type { ApiCall, Parameter, Schema } from './api-document.js';
import { strange, strangeHeaders, strangeTexts } from './strange.js';

/** Existing ids, by the collection of a path parameter or the name of a field. */
export type KnownIds = Record<string, string[]>;

/** One request and the documented call it is meant for. */
export interface FuzzedRequest {
  call: ApiCall;
  ask: Ask;
}

// Only addresses of this machine may ever be called.
const addresses = [
  'http://127.0.0.1:1',
  'http://127.0.0.1:1/x?y#z',
  'http://[::1]/',
  'http://10.0.0.1',
  'ftp://127.0.0.1',
  'http://a:b@127.0.0.1',
  'http://169.254.169.254/latest',
  'nonsense',
];

/** Values that match a schema. */
export function fitting(schema: Schema, ids: KnownIds, name = ''): Arbitrary<unknown> {
  const { allOf, oneOf, anyOf, type, enum: words, ...rest } = resolved(schema);
  if (name === 'baseUrl' || name === 'url') return fc.constantFrom(...addresses);
  if (words) return fc.constantFrom(...words);
  if (allOf) return fitting(allOf[0]!, ids, name);
  if (oneOf ?? anyOf) return fc.oneof(...(oneOf ?? anyOf)!.map(each => fitting(each, ids, name)));
  const known = ids[name];
  const example = rest.example === undefined ? [] : [fc.constant(rest.example)];
  switch (type) {
    case 'object':
      return objects(rest, ids);
    case 'array':
      return fc.array(fitting(rest.items ?? {}, ids, name), {
        minLength: rest.minItems ?? 0,
        maxLength: Math.min(rest.maxItems ?? 3, 3),
      });
    case 'integer':
    case 'number':
      return fc.oneof(
        ...example,
        fc.integer({ min: rest.minimum ?? 0, max: Math.min(rest.maximum ?? 1e9, 1e9) }),
      );
    case 'boolean':
      return fc.boolean();
    default:
      return fc.oneof(...(known ? [fc.constantFrom(...known)] : []), ...example, texts(rest));
  }
}

const texts = ({ pattern, minLength = 0, maxLength = 40 }: Schema): Arbitrary<string> =>
  pattern
    ? fc.stringMatching(new RegExp(pattern))
    : fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });

function objects({ properties = {}, required = [], additionalProperties }: Schema, ids: KnownIds) {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = fitting(schema, ids, name);
    return [name, required.includes(name) ? value : fc.option(value, { nil: undefined })] as const;
  });
  if (fields.length === 0)
    return additionalProperties ? fc.dictionary(fc.string(), fc.string()) : fc.constant({});
  return fc.record(Object.fromEntries(fields));
}

/** A valid body, sometimes with a part replaced, removed or added. */
const bodies = (schema: Schema, ids: KnownIds): Arbitrary<unknown> => {
  const good = fitting(schema, ids);
  return fc.oneof({ weight: 5, arbitrary: good }, { weight: 5, arbitrary: strange(good) });
};

const segments = (parameter: Parameter, ids: KnownIds, collection: string): Arbitrary<string> => {
  const known = ids[parameter.name] ?? ids[collection];
  const good = known ? fc.constantFrom(...known) : (fitting(parameter.schema, ids) as Arbitrary<string>);
  return fc
    .oneof(
      { weight: 6, arbitrary: good },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '0',
          '-1',
          'null',
          'cus_01h455vb4pex5vsknk084sn02q',
          '%00',
          '..%2f..',
          '%ff',
        ),
      },
      { weight: 1, arbitrary: strangeTexts.map(encode) },
    )
    .map(text => (text.startsWith('%') || text.includes('%2f') ? text : encode(text)));
};

// An unpaired surrogate cannot be encoded in a URL.
const encode = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?')) || '0';

const queries = (parameters: Parameter[], ids: KnownIds): Arbitrary<string> => {
  const pairs = parameters.map(({ name, schema, required }) => {
    const value = fc.oneof(
      { weight: 6, arbitrary: fitting(schema, ids, name).map(String) },
      { weight: 1, arbitrary: strangeTexts },
    );
    const pair = value.map(text => `${name}=${encode(text)}`);
    return fc.option(pair, { nil: '', freq: required ? 9 : 1 });
  });
  const odd = fc.constantFrom(
    'colour=red',
    'limit=1&limit=2',
    'limit[]=1',
    '__proto__=1',
    'from=',
    '%00=1',
    'limit=%',
    'a'.repeat(3_000),
  );
  const extra = fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: odd });
  return fc.tuple(...pairs, extra).map(all => all.filter(Boolean).join('&'));
};

/** Requests to one call: mostly valid, some malformed. */
export function requestsTo(call: ApiCall, ids: KnownIds): Arbitrary<FuzzedRequest> {
  const { method, path, parameters } = call;
  const collection = path.split('/').find((part, at, all) => all[at + 1]?.startsWith('{')) ?? '';
  const inPath = parameters.filter(each => each.in === 'path');
  // Paths that the router does not match get the gateway's problem format, not the façade's.
  const part = path.startsWith('/compat/')
    ? () => fc.constantFrom('803998923', '0', 'null', '%D0%B9')
    : segments;
  const named = fc.tuple(...inPath.map(each => part(each, ids, collection)));
  const query = queries(
    parameters.filter(each => each.in === 'query'),
    ids,
  );
  const connections = fc.constantFrom(...ids['at']!);
  const body = call.body ? bodies(call.body, ids) : fc.constant(undefined);
  return fc.record({ named, query, body, connection: connections, headers: strangeHeaders }).map(parts => {
    const filled = inPath.reduce((text, { name }, at) => text.replace(`{${name}}`, parts.named[at]!), path);
    const needsBody = parts.body !== undefined;
    return {
      call,
      ask: {
        method,
        path: parts.query ? `${filled}?${parts.query}` : filled,
        ...(needsBody && { body: parts.body }),
        headers: { 'gateway-connection': parts.connection, prefer: 'wait=1', ...parts.headers },
      },
    };
  });
}
