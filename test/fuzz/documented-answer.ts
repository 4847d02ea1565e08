import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import type { Told } from '../support/gateway.js';
import { document } from './api-document.js';
import type { ApiCall, Schema } from './api-document.js';

// An answer may contain only documented fields.
function closed(schema: any): any {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isObject = inner['type'] === 'object' && typeof inner['properties'] === 'object';
  return isObject && inner['additionalProperties'] === undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'api', ...closed({ components: document.components }) });
const compiled = new Map<Schema, ValidateFunction>();

function validatorOf(schema: Schema): ValidateFunction {
  const text = JSON.stringify(closed(schema)).replaceAll('"#/', '"api#/');
  const made = compiled.get(schema) ?? ajv.compile(JSON.parse(text));
  compiled.set(schema, made);
  return made;
}

/** How an answer differs from the document; undefined = it does not. */
export function undocumented(
  { path, responses }: ApiCall,
  { status, headers, body }: Told,
): string | undefined {
  // The façade has its own format for all refusals.
  const response = responses[status] ?? (path.startsWith('/compat/') ? responses['default'] : undefined);
  if (!response) return `status ${status} (${body?.code}) is not documented`;
  if (body?.code === 'internal-error' || status === 500) return `internal error: ${body?.detail}`;
  if (!response.content) return body === '' ? undefined : `${status} has a body: ${JSON.stringify(body)}`;
  const type = String(headers['content-type']).split(';')[0]!;
  const schema = response.content[type]?.schema;
  if (!schema) return `${status} with ${type}, documented: ${Object.keys(response.content).join(', ')}`;
  const told = response.content[type]!.examples;
  if (told && status >= 400 && !(body.code in told)) return `${status} ${body.code} is not documented`;
  const validate = validatorOf(schema);
  if (validate(body)) return undefined;
  const wrong = validate.errors!.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `${status} does not fit its schema: ${[...new Set(wrong)].join('; ')}`;
}
