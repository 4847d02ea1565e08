import type { StoredOperation } from '#persistence';

const views = new WeakMap<StoredOperation, object>();

/** Attaches the resource's view to the row of an operation that this process has just ended, so that its caller is answered without another query. */
export const keepFreshView = (operation: StoredOperation, view: object): void =>
  void views.set(operation, view);

/** The view attached to this very row object; `undefined` for a row that was read from Postgres. */
export const freshView = (operation: StoredOperation): object | undefined => views.get(operation);
