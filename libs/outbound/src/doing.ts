import { retryClassOf } from '#adapter-kit';
import type { OperationKind } from '#canonical';
import type { StoredOperation } from '#persistence';
import { doingOf, supportFor } from './capability.js';
import type { OpenConnection } from './connection.js';
import type { Doing } from './kinds/kind.js';

/** How a stored operation is done: by the adapter's answer for its kind, or by the extension that it names (`x.recreativ.createOffer`). */
export function doingFor(connection: OpenConnection, operation: Pick<StoredOperation, 'kind'>): Doing {
  const name = extensionName(operation.kind);
  if (name === undefined)
    return doingOf(supportFor(connection, operation.kind as OperationKind), connection.settings);
  const extension = connection.adapter.extensions?.[name];
  if (!extension) throw new Error(`The adapter ${connection.adapter.name} has no extension ${name}.`);
  const call = 'run' in extension.does ? extension.does.call : extension.does;
  return {
    does: extension.does,
    retryClass: retryClassOf(call, connection.settings),
    reconcile: extension.reconcile,
  };
}

/** The extension's name in an operation's kind; `undefined` for canonical kinds. */
export const extensionName = (kind: string): string | undefined =>
  kind.startsWith('x.') ? kind.split('.').slice(2).join('.') : undefined;
