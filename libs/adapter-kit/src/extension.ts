import type { ValidatedClass } from './adapter.js';
import type { Exchange } from './exchange.js';
import type { Reconcile, Steps } from './plan.js';

/** What an extension is asked with: the path's own parameters, the validated query and body. */
export interface ExtensionAsk<Query = any, Body = any> {
  /** The provider's own ids, except `customerId`, which arrives as the customer's provider refs in `refs`. */
  params: Record<string, string>;
  query: Query;
  body: Body;
  refs?: Record<string, string>;
}

/** One typed provider call under `/v1/x/{provider}/…`: routing, validation, documentation and exchange in one place. */
export interface Extension {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/v1/x/{provider}/`, with `{name}` parameters: `campaigns/{id}/offers`. */
  path: string;
  summary: string;
  query?: ValidatedClass;
  body?: ValidatedClass;
  /** The class of the answer, for the OpenAPI document; absent = a free-form object. */
  answer?: ValidatedClass;
  /** The answer is a list of `answer`. */
  list?: boolean;
  /** HTTP status of success; 200 unless said (201, 204). */
  status?: number;
  laneClass: 'interactive' | 'bulk';
  /** Needs an Idempotency-Key: a repeat would do it twice. */
  idempotencyKey?: boolean;
  /** A path or query parameter `customerId` is ours and is resolved to the provider's refs. */
  customer?: boolean;
  /** Bytes that the request body may have, where it is more than the usual 256 KiB. */
  bodyLimit?: number;
  unless?: (settings: any) => string | undefined;
  reconcile?: Reconcile<ExtensionAsk, unknown>;
  /** What `reconcile` knows an effect by: of two writes that have it in common the second waits, so that one effect does not prove both. */
  knownBy?: (ask: ExtensionAsk) => string;
  does: Exchange<ExtensionAsk, unknown> | Steps<ExtensionAsk, unknown>;
}
