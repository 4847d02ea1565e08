import { callOf, retryClassOf } from '#adapter-kit';
import type { Adapter, Advisory, Supported } from '#adapter-kit';
import { Refusal, operations } from '#canonical';
import type { Identifier, OperationKind, WriteKind } from '#canonical';
import type { OpenConnection } from './connection.js';
import type { WritePlan } from '../kinds/kind.js';

/** The refusal for an unsupported capability: 501 with the adapter's reason. */
export const notSupported = (capability: string, reason: string, alternative?: string): Refusal =>
  new Refusal('capability-not-supported', {
    capability,
    detail: alternative ? `${reason} Instead: ${alternative}` : reason,
  });

/** What the adapter declares for an operation at this connection; throws 501 with its reason where it is unsupported. */
export function declaredFor<K extends OperationKind>(
  connection: Pick<OpenConnection, 'adapter' | 'settings'>,
  kind: K,
): Supported<K> | Advisory {
  const { capability } = operations[kind];
  const declared = (connection.adapter as Adapter).operations[kind];
  if (declared.support === 'no') throw notSupported(capability, declared.reason, declared.alternative);
  const off = declared.traits.unless?.(connection.settings);
  if (off !== undefined) throw notSupported(capability, off);
  return declared as Supported<K> | Advisory;
}

/** As `declaredFor`, for operations that only a provider can do. */
export function supportFor<K extends OperationKind>(
  connection: Pick<OpenConnection, 'adapter' | 'settings'>,
  kind: K,
): Supported<K> {
  const declared = declaredFor(connection, kind);
  if (declared.support === 'advisory')
    throw notSupported(operations[kind].capability, 'It exists only in an advisory form.');
  return declared;
}

/** The write plan of a supported operation, under a connection's settings. */
export function writePlanOf(support: Supported<any>, settings: unknown): WritePlan {
  const { does, traits } = support as Supported<WriteKind>;
  return { does, retryClass: retryClassOf(callOf(does), settings), reconcile: traits.reconcile };
}

/** Refuses a way of naming a customer that the provider does not know, with the adapter's reason. */
export function assertLookupBy(connection: OpenConnection, type: Identifier['type']): void {
  const { by } = supportFor(connection, 'lookupCustomer').traits;
  const said = by[type];
  if (said !== true) throw notSupported(`customer.lookup.${type}`, said);
}
