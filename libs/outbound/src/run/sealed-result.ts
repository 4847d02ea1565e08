import type { StoredOperation, Tx } from '#persistence';
import type { Core } from '../core/core.js';

/** A provider's answer, or what of it is personal, as an operation's row keeps it. */
export const sealedResult = ({ vault }: Pick<Core, 'vault'>, operationId: string, answer: unknown) => ({
  sealed: vault.seal('result', operationId, answer).toString('base64'),
});

/** Keeps a provider's answer that may be personal on its operation's row, sealed, so that any process can show it again. */
export const keepResult = (core: Core, tx: Tx, operationId: string, answer: unknown): Promise<void> =>
  core.stores.operations.keepResult(tx, operationId, sealedResult(core, operationId, answer));

/** What was kept of it; `undefined` when the provider told nothing, or 30 days later. Throws `SealBroken`. */
export function keptResult<T>(
  core: Pick<Core, 'vault'>,
  { id, result }: Pick<StoredOperation, 'id' | 'result'>,
): T | undefined {
  const sealed = result?.['sealed'];
  return typeof sealed === 'string'
    ? core.vault.open<T>('result', id, Buffer.from(sealed, 'base64'))
    : undefined;
}
