import { defineExchange, reader, segment } from '#adapter-kit';
import type { Extension, ExtensionAsk, WireAnswer } from '#adapter-kit';
import { IsText, IsWhole } from '#canonical';
import { udsRequest } from './request.js';
import { unlessDocumentedOnly } from './settings.js';

/** A page of the UDS ledger, with the paging of UDS. */
export class UdsOperationsQuery {
  @IsWhole({
    optional: true,
    min: 1,
    max: 50,
    description: 'Maximum number of rows; 10 by default.',
    example: 20,
  })
  max?: number;

  @IsText({ optional: true, max: 1024, description: '`cursor` of the previous page.' })
  cursor?: string;
}

const asItIs = ({ body }: WireAnswer): unknown => reader(body).needRecord().value;

/** `GET /settings` with all fields, also those that the canonical program does not have. */
export const rawSettings = defineExchange<ExtensionAsk, unknown>({
  name: 'rawSettings',
  call: 'GET /settings',
  retryClass: 'read',
  errors: { notFound: 'provider-rejected' },
  request: (_ask, context) => udsRequest({ method: 'GET', path: '/settings' }, context),
  read: asItIs,
});

/** `GET /operations` as UDS answers it. */
export const rawOperations = defineExchange<ExtensionAsk<UdsOperationsQuery>, unknown>({
  name: 'rawOperations',
  call: 'GET /operations',
  retryClass: 'read',
  errors: { notFound: 'not-found' },
  request: ({ query: { max, cursor } }, context) =>
    udsRequest(
      {
        method: 'GET',
        path: '/operations',
        query: { max: max === undefined ? undefined : String(max), cursor },
      },
      context,
    ),
  read: asItIs,
});

/** `GET /operations/{id}` as UDS answers it. */
export const rawOperation = defineExchange<ExtensionAsk, unknown>({
  name: 'rawOperation',
  call: 'GET /operations/{id}',
  retryClass: 'read',
  errors: { notFound: 'not-found' },
  request: ({ params }, context) =>
    udsRequest({ method: 'GET', path: `/operations/${segment(params['id']!)}` }, context),
  read: asItIs,
});

/** The calls under `/v1/x/uds/`. */
export const udsExtensions: Record<string, Extension> = {
  settings: {
    method: 'GET',
    path: 'settings',
    summary: 'Read the company’s settings, as UDS returns them',
    laneClass: 'interactive',
    does: rawSettings,
  },
  operations: {
    method: 'GET',
    path: 'operations',
    summary: 'Read a page of the UDS ledger, newest first; pass on the answer’s `cursor` until it is null',
    query: UdsOperationsQuery,
    laneClass: 'bulk',
    unless: unlessDocumentedOnly('listing operations'),
    does: rawOperations,
  },
  operation: {
    method: 'GET',
    path: 'operations/{id}',
    summary: 'Read one operation of the UDS ledger by its UDS id',
    laneClass: 'interactive',
    unless: unlessDocumentedOnly('reading an operation'),
    does: rawOperation,
  },
};
