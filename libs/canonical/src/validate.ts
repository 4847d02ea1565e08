import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { describedFields } from './described-fields.js';
import { errorTable, type ErrorCode } from './errors.js';
import { queryKindOf } from './fields.js';
import { type Class } from './parts.js';
import { Refusal, type FieldFault } from './refusal.js';
import { findRulesOnce } from './rules-of-class.js';
import { part, pointerPart, type Fault, type Rule } from './rules.js';
import { scan, unknownField } from './scan.js';

findRulesOnce();

const mostFaults = 50;

// The problem's own code is the first of these that any field has: types must be right before values can be checked.
const byWeight: ErrorCode[] = [
  'money-not-string',
  'unknown-field',
  'invalid-parameter',
  'amount-scale',
  'unsupported-field',
  'hold-duration-out-of-range',
  'validation-failed',
];

/**
 * Validates a body (or the part of one at `at`) as a `type`; absent is `{}`. One validator for REST and for queue
 * commands. Throws `Refusal` with JSON pointers: 400 for a wrong type or an unknown field, 422 for a value.
 */
export function readBody<T extends object>(type: Class<T>, plain: unknown, at = ''): T {
  const body = plain === undefined ? {} : plain;
  const early = scan(body, at);
  if (early.length) throw refusalFor(early);
  const mistyped = part(body, {});
  if (mistyped) throw refusalFor([placed(mistyped, at, at)]);
  const instance = plainToInstance(type, body as object);
  const errors = check(instance, at);
  if (errors.length) throw refusalFor(errors);
  return instance;
}

/** Validates the parameters of a query string as a `type`; every error is 400 `invalid-parameter` at `/query/…`. */
export function readQuery<T extends object>(type: Class<T>, record: Record<string, unknown>): T {
  const typed: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const faults = scan(record, '/query');
  if (faults.length === 0) {
    for (const [name, value] of Object.entries(record)) {
      if (value !== undefined) typed[name] = fromQuery(type, name, value);
    }
    const instance = plainToInstance(type, { ...typed });
    faults.push(...check(instance, '/query'));
    if (faults.length === 0) return instance;
  }
  throw refusalFor(faults.map(fault => ({ ...fault, code: 'invalid-parameter' })));
}

// Text that cannot be converted stays text, so that the field's rule reports what it expected.
function fromQuery(type: Class, name: string, value: unknown): unknown {
  const kind = queryKindOf(type.prototype as object, name) ?? kindByDesign(type, name);
  if (kind === 'texts') return Array.isArray(value) ? value : String(value).split(',');
  if (kind === 'whole' && typeof value === 'string' && /^-?\d{1,16}$/.test(value)) return Number(value);
  if (kind === 'flag' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function kindByDesign(type: Class, name: string) {
  const design: unknown = Reflect.getMetadata('design:type', type.prototype as object, name);
  if (design === Number) return 'whole';
  if (design === Boolean) return 'flag';
  return design === Array ? 'texts' : undefined;
}

function check(instance: object, at: string): FieldFault[] {
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
    validationError: { target: true, value: true },
  });
  return errors.flatMap(error => faultsOf(error, at));
}

function faultsOf(error: ValidationError, parent: string): FieldFault[] {
  const pointer = `${parent}/${pointerPart(error.property)}`;
  const constraints = Object.keys(error.constraints ?? {});
  if (constraints.includes('whitelistValidation')) {
    const known = describedFields(error.target!.constructor as Class).map(([name]) => name);
    return [unknownField(pointer, known)];
  }
  const own = constraints.flatMap(name => {
    const rule = (error.contexts?.[name] as { rule?: Rule } | undefined)?.rule;
    const fault = rule?.(error.value, error.target!);
    return fault ? [placed(fault, pointer, parent)] : [];
  });
  // `nestedValidation` only repeats what our own rule has said about the type.
  const here = own.length ? own : constraints.map(name => plainFault(error, name, pointer));
  // A list in place of an object is read item by item all the same.
  const mistyped = own.some(fault => fault.pointer === pointer && fault.code === 'invalid-parameter');
  return mistyped ? here : [...here, ...(error.children ?? []).flatMap(child => faultsOf(child, pointer))];
}

function placed({ code, detail, at = '', ofOwner }: Fault, pointer: string, parent: string): FieldFault {
  return { pointer: ofOwner ? parent : pointer + at, code, detail };
}

const typeChecks = /^(isString|isNumber|isBoolean|isArray|isObject|nestedValidation|unknownValue)$/;

// A class of plain class-validator decorators: the code stands in `context`, or follows from the kind of check.
function plainFault(error: ValidationError, name: string, pointer: string): FieldFault {
  const given = (error.contexts?.[name] as { code?: ErrorCode } | undefined)?.code;
  const mistyped = error.value !== undefined && (typeChecks.test(name) || isMistypedFor(error.value, name));
  const code = given ?? (mistyped ? 'invalid-parameter' : 'validation-failed');
  return { pointer, code, detail: `${error.constraints![name]!}.` };
}

function isMistypedFor(value: unknown, name: string): boolean {
  if (name.startsWith('array')) return !Array.isArray(value);
  const wanted = /^(isInt|min|max|isPositive)$/.test(name) ? 'number' : 'string';
  return typeof value !== wanted;
}

function refusalFor(errors: FieldFault[]): Refusal {
  const statusOf = (fault: FieldFault) => errorTable[fault.code as ErrorCode].status;
  const code =
    byWeight.find(one => errors.some(fault => fault.code === one)) ??
    (errors.find(fault => statusOf(fault) === 400) ?? errors[0]!).code;
  const [first] = errors.filter(fault => fault.code === code) as [FieldFault];
  const others = errors.length > 1 ? ` (${errors.length} faults; see \`errors\`.)` : '';
  return new Refusal(code as ErrorCode, {
    detail: `${first.pointer.slice(0, 256) || 'The body'}: ${first.detail}${others}`,
    // The size of the answer must not depend on the size of the request.
    errors: errors.slice(0, mostFaults).map(fault => ({ ...fault, pointer: fault.pointer.slice(0, 256) })),
  });
}
