import type { StoredOperation } from '#persistence';

const views = new WeakMap<StoredOperation, object>();

/** Keeps how a resource is shown with the row of its operation that this process has just ended: whoever waits for that row need not read the resource. */
export const keepAtHand = (operation: StoredOperation, view: object): void => void views.set(operation, view);

/** What `keepAtHand` kept with this very row; `undefined` for a row that was read. */
export const viewAtHand = (operation: StoredOperation): object | undefined => views.get(operation);
