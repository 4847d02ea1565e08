import type { Exchange, Reconcile, Steps } from '#adapter-kit';
import type { IdPrefix, OperationState, RetryClass } from '#canonical';
import type { EventInsert, OpenTx, StoredOperation, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';

/** How the adapter does an operation: the exchange or steps, its class, and how a lost answer is looked up. */
export interface WritePlan {
  does: Exchange | Steps;
  retryClass: RetryClass;
  reconcile?: Reconcile;
}

/** An accepted request in the adapter's terms, with what its row needs. */
export interface Prepared<Ask = any> {
  ask: Ask;
  plan: WritePlan | 'advisory';
  /** Our id of the customer whom it is about, if known. They may have been forgotten since, or be at this moment: then it is refused. */
  customerId?: string;
  /** Lock key of the customer whose spends must not overlap; absent without a customer. */
  customerLock?: string;
  spend?: boolean;
  /** Calls of one lane with the same key never run side by side, and leave in the order in which they were accepted. */
  serialKey?: string;
  /** How long it is worth sending, in seconds: then it is withdrawn from the queue; a day unless told. */
  worthSeconds?: number;
  /** The resource that is changed, where the operation makes none of its own. */
  resourceId?: string;
  /** The lead of a conversion, under the id that it has now. */
  leadId?: string;
}

/** A request as REST and the command queue hand it over. */
export interface Request<Body = any> {
  body: Body;
  /** Ids from the path: the purchase of a refund, the hold of a release … */
  params: Record<string, string>;
  /** How long the caller waits, in milliseconds. */
  waitMs?: number;
}

/** A state change after which the resource may have to change too. */
export type Transition = Extract<
  OperationState,
  'rejected' | 'unknown' | 'needs-review' | 'cancelled' | 'expired'
>;

/** The operation, its connection and the transaction in which its resource is changed. */
export interface ResourceContext {
  core: Core;
  tx: OpenTx;
  operation: StoredOperation;
  connection: OpenConnection;
}

/** Builds the resource's view from what was just written, without a query. */
export type ShowResource = (operation: StoredOperation) => object;

/** What one kind of write means for our own tables; the only place that knows its resource. */
export interface Kind<Body = any, Ask = any, Result = any> {
  /** The name of its operations. */
  operation: string;
  /** `resource.type` of its operations. */
  resourceType: string;
  prefix: IdPrefix;
  /** Status of a finished answer; 201 unless told. */
  status?: number;
  /** First part of its events' types (`purchase` → `purchase.succeeded`); absent = only `operation.*`. */
  eventPrefix?: string;
  laneClass: 'interactive' | 'write' | 'bulk';
  /** A read of the provider before acceptance, outside any transaction, if one is needed; its result goes to `prepare`. */
  readFirst?(
    core: Core,
    connection: OpenConnection,
    request: Request<Body>,
  ): (() => Promise<unknown>) | undefined;
  /** Checks and translates before anything is stored; throws the `Refusal` that the caller gets. */
  prepare(
    context: Omit<ResourceContext, 'operation'>,
    request: Request<Body>,
    read?: any,
  ): Promise<Prepared<Ask>>;
  /** Writes the resource's row in the transaction that writes the operation's. One statement may be sent with the COMMIT (`…AtCommit`): nothing in the transaction can read what it writes. */
  accept(
    context: Omit<ResourceContext, 'operation'>,
    operation: { id: string; resourceId: string },
    prepared: Prepared<Ask>,
    request: Request<Body>,
  ): Promise<void>;
  /** The effect exists: completes the resource. `ask` as it was sent. May return the view, which saves a query. Throws `AnothersEffect` where the answer is about another resource. */
  succeeded(context: ResourceContext, ask: Ask, result: Result): Promise<ShowResource | void>;
  /** As `succeeded`, by one statement that the transaction's COMMIT does not wait for: it is refused (`isUnmet`, `nothing-else`) where its row shows that more is needed, or is missing. Values that cannot be written throw at once, before anything is sent; a rejection would come after the COMMIT. `undefined` = more is needed anyway. */
  succeededAlone?(
    connection: OpenConnection,
    result: Result,
  ): ((context: ResourceContext) => Promise<ShowResource>) | undefined;
  /** What of the result is personal and shown later: kept sealed on the operation's row, for 30 days. */
  personal?(result: Result): object | undefined;
  /** A person says that it was executed, and no answer of the provider exists. */
  resolved?(context: Omit<ResourceContext, 'connection'>): Promise<void>;
  /** Any other transition: for kinds whose resource has a state of its own. */
  transitioned?(context: Omit<ResourceContext, 'connection'>, transition: Transition): Promise<void>;
  /** Whether the effect that reconciliation found is, or may be, another operation's; takes a lock, so that concurrent claims of one effect wait for this transaction. `ask` as the probe saw it. */
  belongsToAnother?(context: ResourceContext, result: Result, ask: Ask): Promise<boolean>;
  /** The ask for reconciliation, with what other operations have learnt since it was sealed. */
  refreshAsk?(core: Core, operation: StoredOperation, ask: Ask): Promise<Ask>;
  /** When the effect of a lost request ends by itself, should it exist: there is nothing to look for afterwards. */
  endsBy?(core: Core, operation: StoredOperation): Promise<Date | undefined>;
  /** Where what the provider made is read, if it has no id of ours. */
  pathOf?(shown: object): string;
  /** The resource as the API shows it; `undefined` for an answer without a body. */
  view(core: Core, tx: Tx, operation: StoredOperation): Promise<object | undefined>;
}

/** Declares a kind, with its types checked where it is written. */
export const defineKind = <Body, Ask, Result>(kind: Kind<Body, Ask, Result>): Kind<Body, Ask, Result> => kind;

/** An event of a resource, in the context's transaction. */
export const emit = (
  context: Omit<ResourceContext, 'connection'>,
  event: Pick<EventInsert, 'type' | 'resourceType' | 'resourceId' | 'data'>,
): Promise<void> =>
  context.core.stores.events.append(context.tx, {
    tenantId: context.operation.tenantId,
    connectionId: context.operation.connectionId,
    ...event,
  });

/** Lets an operation name another resource than the one that was set aside for it: what it made was known already. */
export async function pointAt(
  { core, tx, operation }: Omit<ResourceContext, 'connection'>,
  resourceId: string,
): Promise<void> {
  await core.stores.operations.pointAt(tx, operation.id, resourceId);
  Object.assign(operation, { resourceId });
}
