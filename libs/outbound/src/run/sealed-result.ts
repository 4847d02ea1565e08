import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';

/** Keeps a provider's answer that may be personal on its operation's row, sealed, so that any process can show it again. */
export const keepResult = (core: Core, tx: Tx, operationId: string, answer: unknown): Promise<void> =>
  core.stores.operations.keepResult(tx, operationId, {
    sealed: core.vault.seal('result', operationId, answer).toString('base64'),
  });

/** What `keepResult` kept; `undefined` when the provider told nothing. Throws `SealBroken`. */
export function keptResult<T>(
  core: Pick<Core, 'vault'>,
  { id, result }: Pick<StoredOperation, 'id' | 'result'>,
): T | undefined {
  const sealed = result?.['sealed'];
  return typeof sealed === 'string'
    ? core.vault.open<T>('result', id, Buffer.from(sealed, 'base64'))
    : undefined;
}
