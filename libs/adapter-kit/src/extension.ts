import type { ValidatedClass } from './adapter.js';
import type { Exchange } from './exchange.js';
import type { Reconcile, Steps } from './plan.js';

/** The input of an extension: its path parameters, and the validated query and body. */
export interface ExtensionAsk<Query = any, Body = any> {
  /** The provider's own ids, except `customerId`, which arrives as the customer's provider refs in `refs`. */
  params: Record<string, string>;
  query: Query;
  body: Body;
  refs?: Record<string, string>;
  /** The gateway itself has already deleted this object. */
  removed?: boolean;
  /** The ids of what other calls like this one have created lately: a list may show it late, and `reconcile` must not mistake it for the effect of this one. */
  othersIds?: string[];
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
  /** HTTP status on success (201, 204); 200 by default. */
  status?: number;
  laneClass: 'interactive' | 'bulk';
  /** Needs an Idempotency-Key: a repeat would do it twice. */
  idempotencyKey?: boolean;
  /** A path or query parameter `customerId` is ours and is resolved to the provider's refs. */
  customer?: boolean;
  /** The maximum size of the request body in bytes, if it is more than the usual 256 KiB. */
  bodyLimit?: number;
  unless?: (settings: any) => string | undefined;
  reconcile?: Reconcile<ExtensionAsk, unknown>;
  /** The key by which `reconcile` recognises an effect. Of two writes with the same key the second waits, so that one effect does not prove both. Of a write that may be repeated: the object that it sets, so that a repeat does not undo a newer write. */
  knownBy?: (ask: ExtensionAsk) => string;
  /** Where what this call made is read, below `/v1/x/{provider}/`. */
  madeAt?: (answer: any) => string;
  /** The path parameter with the id of the object that this call deletes. The id is remembered, to distinguish a repeated deletion from an unknown id. */
  removes?: string;
  /** The field of the answer with the id of the object that this call creates. The id is remembered for `othersIds`. */
  creates?: string;
  does: Exchange<ExtensionAsk, unknown> | Steps<ExtensionAsk, unknown>;
}
