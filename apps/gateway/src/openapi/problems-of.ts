import type { ErrorCode } from '#canonical';
import { operations } from '#canonical';
import { OF_THE_BODY } from '../auth/refused-repeat.js';
import { keyParameter } from './api-operation.js';
import type { ApiOperation } from './api-operation.js';
import { kindByRoute } from './offered-by.js';

const signedIn: ErrorCode[] = ['unauthenticated', 'scope-missing', 'too-many-requests'];
const everywhere: ErrorCode[] = ['internal-error', 'dependency-unavailable'];
// A body is parsed even where none is expected.
const withStrayBody: ErrorCode[] = ['malformed-json', 'payload-too-large', 'unsupported-media-type'];
const withoutFields: ErrorCode[] = ['unknown-field', 'invalid-parameter'];
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
// The query of a read is validated by the adapter like a body.
const read: ErrorCode[] = [
  'validation-failed',
  'provider-error',
  'provider-contract-violation',
  'provider-timeout',
];
// A queued write may be cancelled, and expires after a day without a sending.
const withdrawn: ErrorCode[] = ['state-conflict'];

/** Every problem that a route may answer: its own, and those that follow from its parameters. */
export function problemsOf(route: string, operation: ApiOperation): ErrorCode[] {
  const takes = (place: string, name?: string) =>
    operation.parameters?.some(one => one.in === place && (name === undefined || one.name === name)) ?? false;
  const key = keyParameter(operation);
  const kind = kindByRoute[route];
  const goes = kind !== undefined || route.includes(' /v1/x/');
  const ofCustomer = /\/customers\/\{id\}|\{customerId\}/.test(route) || takes('query', 'customerId');
  const writes = kind ? operations[kind].write : !route.startsWith('GET ');
  return [
    ...new Set([
      ...(operation['x-problems'] ?? []),
      ...(operation['x-scopes'] ? signedIn : []),
      ...(operation.requestBody ? OF_THE_BODY : route.startsWith('GET ') ? [] : withStrayBody),
      ...(!operation.requestBody && route.startsWith('POST ') ? withoutFields : []),
      // An extension's route refuses any query that it does not take.
      ...(takes('query') || route.includes(' /v1/x/') ? (['invalid-parameter'] as const) : []),
      ...(takes('path') ? (['not-found', 'invalid-parameter'] as const) : []),
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
