import { callOf, retryClassOf } from '#adapter-kit';
import type { OperationKind } from '#canonical';
import type { StoredOperation } from '#persistence';
import { writePlanOf, supportFor } from '../connections/capability.js';
import type { OpenConnection } from '../connections/connection.js';
import type { WritePlan } from '../kinds/kind.js';

/** The write plan of a stored operation: the adapter's for its kind, or that of the extension it names (`x.recreativ.createOffer`). */
export function writePlanFor(
  connection: OpenConnection,
  operation: Pick<StoredOperation, 'kind'>,
): WritePlan {
  const name = extensionName(operation.kind);
  if (name === undefined)
    return writePlanOf(supportFor(connection, operation.kind as OperationKind), connection.settings);
  const extension = connection.adapter.extensions?.[name];
  if (!extension) throw new Error(`The adapter ${connection.adapter.name} has no extension ${name}.`);
  const { does, reconcile } = extension;
  return { does, retryClass: retryClassOf(callOf(does), connection.settings), reconcile };
}

/** The extension's name in an operation's kind; `undefined` for canonical kinds. */
const extensionName = (kind: string): string | undefined =>
  kind.startsWith('x.') ? kind.split('.').slice(2).join('.') : undefined;
