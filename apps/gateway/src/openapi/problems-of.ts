import type { ErrorCode } from '#canonical';
import { operations } from '#canonical';
import type { ApiOperation } from './api-operation.js';
import { kindByRoute } from './offered-by.js';

const signedIn: ErrorCode[] = ['unauthenticated', 'scope-missing', 'too-many-requests'];
const everywhere: ErrorCode[] = ['internal-error', 'dependency-unavailable'];
const withBody: ErrorCode[] = [
  'malformed-json',
  'unknown-field',
  'money-not-string',
  'invalid-parameter',
  'validation-failed',
  'amount-scale',
  'payload-too-large',
  'unsupported-media-type',
];
// A body that nobody asked for is read all the same.
const withStrayBody: ErrorCode[] = ['malformed-json', 'payload-too-large', 'unsupported-media-type'];
const withKey: ErrorCode[] = ['idempotency-key-invalid', 'idempotency-key-reused'];
const withConnection: ErrorCode[] = ['connection-required', 'not-found'];
const atProvider: ErrorCode[] = [
  'provider-rejected',
  'capability-not-supported',
  'unsupported-field',
  'connection-paused',
  'connection-credentials-invalid',
  'connection-account-inactive',
  'connection-origin-rejected',
  'end-user-token-invalid',
  'lane-saturated',
  'circuit-open',
  'provider-unavailable',
];
// What a read is asked for stands in its query, which the adapter judges as it does a body.
const read: ErrorCode[] = [
  'validation-failed',
  'provider-error',
  'provider-contract-violation',
  'provider-timeout',
];
// A person may withdraw a write that waits, and one that nothing could be sent of for a day expires.
const withdrawn: ErrorCode[] = ['state-conflict'];

/** Every problem that a route may answer with: its own, and those that follow from what it takes and asks. */
export function problemsOf(route: string, operation: ApiOperation): ErrorCode[] {
  const takes = (place: string, name?: string) =>
    operation.parameters?.some(one => one.in === place && (name === undefined || one.name === name)) ?? false;
  const key = operation.parameters?.find(one => one.name === 'Idempotency-Key');
  const kind = kindByRoute[route];
  const goes = kind !== undefined || route.includes(' /v1/x/');
  const ofCustomer = /\/customers\/\{id\}|\{customerId\}/.test(route) || takes('query', 'customerId');
  const writes = kind ? operations[kind].write : !route.startsWith('GET ');
  return [
    ...new Set([
      ...(operation['x-problems'] ?? []),
      ...(operation['x-scopes'] ? signedIn : []),
      ...(operation.requestBody ? withBody : route.startsWith('GET ') ? [] : withStrayBody),
      ...(takes('query') ? (['invalid-parameter'] as const) : []),
      ...(takes('path') ? (['not-found', 'invalid-parameter'] as const) : []),
      ...(takes('header', 'Prefer') ? (['invalid-parameter'] as const) : []),
      ...(key?.required ? (['idempotency-key-missing'] as const) : []),
      ...(key ? withKey : []),
      ...(takes('header', 'Gateway-Connection') ? withConnection : []),
      ...(goes ? atProvider : []),
      ...(goes && ofCustomer ? (['customer-not-found'] as const) : []),
      ...(goes && !writes ? read : []),
      ...(goes && writes ? withdrawn : []),
      ...everywhere,
    ]),
  ];
}
