import type { Exchange, Reconcile, Steps } from '#adapter-kit';
import type { IdPrefix, OperationState, RetryClass } from '#canonical';
import type { EventInsert, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from '../connection.js';
import type { Core } from '../core.js';

/** How the adapter does an operation: the exchange or steps, its class, and how a lost answer is looked up. */
export interface Doing {
  does: Exchange | Steps;
  retryClass: RetryClass;
  reconcile?: Reconcile;
}

/** An accepted request in the words of the adapter, with what the row must know of it. */
export interface Prepared<Ask = any> {
  ask: Ask;
  doing: Doing | 'advisory';
  customerId?: string;
  /** Whose spends must not overlap; absent for what no customer stands behind. */
  customerLock?: string;
  spend?: boolean;
  /** Calls of one lane with the same key never run side by side. */
  serialKey?: string;
  merchantReference?: string;
  /** The resource that is changed, where the operation makes none of its own. */
  resourceId?: string;
}

/** What is being asked, as REST and the command queue hand it over. */
export interface Request<Body = any> {
  body: Body;
  /** Ids from the path: the purchase of a refund, the hold of a release … */
  params: Record<string, string>;
  /** How long the caller waits, in milliseconds. */
  waitMs?: number;
}

/** A step of an operation after which its resource may have to change too. */
export type Turn = Extract<OperationState, 'rejected' | 'unknown' | 'needs-review' | 'cancelled' | 'expired'>;

/** What stands around one operation when its resource is changed: one transaction, one row, one connection. */
export interface Scene {
  core: Core;
  tx: Tx;
  operation: StoredOperation;
  connection: OpenConnection;
}

/** Shows a resource beside its operation, from what was just written: no way to Postgres is needed. */
export type Shown = (operation: StoredOperation) => object;

/** Everything that one kind of write means for our own tables: the only place that knows its resource. */
export interface Kind<Body = any, Ask = any, Result = any> {
  kind: string;
  /** `resource.type` of its operations. */
  resourceType: string;
  prefix: IdPrefix;
  /** Status of a finished answer; 201 unless told. */
  status?: number;
  /** First part of its events' types (`purchase` → `purchase.succeeded`); absent = only `operation.*`. */
  eventPrefix?: string;
  laneClass: 'interactive' | 'write' | 'bulk';
  /** What must be asked of the provider before acceptance, outside any transaction, if anything; its answer goes to `prepare`. */
  look?(core: Core, connection: OpenConnection, request: Request<Body>): (() => Promise<unknown>) | undefined;
  /** Checks and translates before anything is stored; throws the `Refusal` that the caller gets. */
  prepare(
    core: Core,
    tx: Tx,
    connection: OpenConnection,
    request: Request<Body>,
    looked?: any,
  ): Promise<Prepared<Ask>>;
  /** Writes the resource's row in the transaction that writes the operation's. */
  accept(
    scene: Omit<Scene, 'operation'>,
    operation: { id: string; resourceId: string },
    prepared: Prepared<Ask>,
    request: Request<Body>,
  ): Promise<void>;
  /** The effect stands: fills the resource in. `ask` as it was sent. Gives how it is shown from now on, where that needs no further look. */
  succeeded(scene: Scene, ask: Ask, result: Result): Promise<Shown | void>;
  /** A person says that it was executed, and no answer of the provider exists. */
  resolved?(scene: Omit<Scene, 'connection'>): Promise<void>;
  /** Any other turn: for kinds whose resource has a state of its own. */
  turned?(scene: Omit<Scene, 'connection'>, turn: Turn): Promise<void>;
  /** Whether what reconciliation found is, or may be by now, another operation's effect; whoever asks the same at this moment waits for this transaction. `ask` as it was seen by the look. */
  isAnothers?(scene: Scene, result: Result, ask: Ask): Promise<boolean>;
  /** The ask as reconciliation must see it: with what other operations have learnt since it was sealed. */
  recall?(core: Core, operation: StoredOperation, ask: Ask): Promise<Ask>;
  /** When the effect of a lost request, should it stand, is over by itself: from then on there is nothing to look for. */
  endsBy?(core: Core, operation: StoredOperation): Promise<Date | undefined>;
  /** The resource as the API shows it; `undefined` for an answer without a body. */
  view(core: Core, tx: Tx, operation: StoredOperation): Promise<object | undefined>;
}

/** Declares a kind; exists so that its types are checked where it is written. */
export const defineKind = <Body, Ask, Result>(kind: Kind<Body, Ask, Result>): Kind<Body, Ask, Result> => kind;

/** An event of a resource, in the scene's transaction. */
export const tell = (
  scene: Scene,
  event: Pick<EventInsert, 'type' | 'resourceType' | 'resourceId' | 'data'>,
): Promise<void> =>
  scene.core.stores.events.append(scene.tx, {
    tenantId: scene.operation.tenantId,
    connectionId: scene.operation.connectionId,
    ...event,
  });
