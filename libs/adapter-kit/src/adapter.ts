import type { ErrorCode, OperationAsks, OperationKind, OperationResults, WriteKind } from '#canonical';
import type { Exchange, WireAnswer, WireRequest } from './exchange.js';
import type { Extension } from './extension.js';
import type { Reconcile, Steps } from './plan.js';
import type { HoldProbeAsk, HoldStanding } from './hold-probe.js';

/** A class whose decorators validate and document its fields. */
export type ValidatedClass<T = any> = new () => T;

/** A provider's refusal, in its own terms. */
export interface ProviderRefusal {
  /** The provider's own code, or one that the adapter derives from its text; a key of the adapter's `errors`. */
  code: string;
  message?: string;
  /** What the developer should do, where the sentence of the error's code says less or would mislead. */
  detail?: string;
  /** The invalid fields, as JSON pointers into OUR request. */
  fields?: { pointer: string; detail: string }[];
  /** Members for the problem document. */
  extra?: { maxRedeemPoints?: string };
}

/** The ways to identify a customer; for each, an adapter says `true`, or why it is not supported. */
export type LookupBy = Record<'code' | 'phone' | 'card' | 'uid' | 'externalId' | 'search', true | string>;

interface CommonTraits {
  /** The reason why a connection's settings disable the capability; `undefined` = it is enabled. */
  unless?: (settings: any) => string | undefined;
  /** Facts for `GET /v1/providers` and docs/capabilities.md, in plain words. */
  notes?: string;
}

/** The traits of holds that the provider keeps. */
export interface HoldTraits {
  /** A new operation may end other holds at its point of sale, or of its customer. */
  endedBy?: 'operation-at-location';
  /** Checks whether a hold that an operation may have ended is still active; absent = it stays doubtful until it expires. */
  probe?: Steps<HoldProbeAsk, HoldStanding>;
  /** Durations are rounded up to a multiple of this many seconds. */
  stepSeconds?: number;
}

/** The traits of a supported capability; the compiler demands those that its kind requires. */
export type Traits<K extends OperationKind> = CommonTraits &
  (K extends 'lookupCustomer' ? { by: LookupBy } : unknown) &
  (K extends 'createPurchase' ? { earn: boolean; redeem: boolean; redeemAndEarn: boolean } : unknown) &
  (K extends 'createHold' ? HoldTraits : unknown) &
  (K extends 'createRefund' ? { full: true; partial: boolean } : unknown) &
  (K extends WriteKind ? { reconcile?: Reconcile<OperationAsks[K], any> } : unknown);

/** The adapter performs the operation: by one exchange, or by declared steps. */
export interface Supported<K extends OperationKind = OperationKind> {
  support: 'native' | 'derived';
  traits: Traits<K>;
  does: Exchange<OperationAsks[K], OperationResults[K]> | Steps<OperationAsks[K], OperationResults[K]>;
}

/** The gateway performs the operation in place of the provider, and says so (`guarantee: "advisory"`). */
export interface Advisory {
  support: 'advisory';
  traits: CommonTraits;
}

/** The provider cannot perform the operation; callers receive the reason. */
export interface Unsupported {
  support: 'no';
  reason: string;
  /** An alternative, if there is one. */
  alternative?: string;
}

/** What an adapter declares for one operation: how it supports it, or why it does not. */
export type Declared<K extends OperationKind = OperationKind> = Supported<K> | Advisory | Unsupported;

/** The provider has this call itself. */
export const supports = <K extends OperationKind>(
  traits: Traits<K>,
  does: Supported<K>['does'],
): Supported<K> => ({
  support: 'native',
  traits,
  does,
});

/** The adapter derives the operation from other calls of the provider. */
export const derives = <K extends OperationKind>(
  traits: Traits<K>,
  does: Supported<K>['does'],
): Supported<K> => ({
  support: 'derived',
  traits,
  does,
});

/** The gateway performs the operation itself; `unless` says when it is disabled. */
export const advisory = (traits: CommonTraits): Advisory => ({ support: 'advisory', traits });

/** "No" with its reason: a full sentence that tells the caller why, and what to do instead. */
export const unsupported = (reason: string, alternative?: string): Unsupported => ({
  support: 'no',
  reason,
  ...(alternative ? { alternative } : {}),
});

/** The browser popup in which an end user gives their consent, for providers that have one. */
export interface Consent<Settings = any> {
  /** The address that the popup opens; `state` comes back in its message. */
  authorizeUrl(ask: { baseUrl: string; settings: Settings; state: string; scope?: string }): string;
  /** The only origin whose messages are accepted. */
  origin(baseUrl: string): string;
  /** The `type` of the message that carries the token: `recca:auth-success`. */
  messageType: string;
}

/** Everything that the rest of the system knows about a provider. */
export interface Adapter<Credentials = any, Settings = any> {
  name: string;
  title: string;
  /** Where the provider documents itself. */
  source: string;
  credentials: ValidatedClass<Credentials>;
  settings: ValidatedClass<Settings>;
  /** The provider's account that a connection belongs to, where its credentials or settings name it. */
  account?(credentials: Credentials, settings: Settings): string;
  /** The default; `undefined` = every connection must name its own. */
  baseUrl?: string;
  /** The path prefix of all calls, e.g. `/api`, or the path of a single entry point; it is removed from a base URL that ends with it. */
  sharedPath?: string;
  rateLimit: { requests: number; perMs: number };
  /** Authenticates a request with headers, query or form fields, which the gateway adds just before sending and never logs. */
  authenticate(
    credentials: Credentials,
    settings: Settings,
    request: WireRequest,
  ): { headers?: Record<string, string>; query?: Record<string, string>; form?: Record<string, string> };
  /** Finds the provider's refusal wherever it is (also inside a 200); `undefined` = it did not refuse. Throws `Unreadable` for an answer that reports both a refusal and an effect: neither is proven. */
  refusal(answer: WireAnswer, exchange: Exchange, settings?: Settings): ProviderRefusal | undefined;
  /** Provider code → canonical error code; a code that is missing here becomes `provider-rejected`. */
  errors: Record<string, ErrorCode>;
  /** A harmless call for `POST /v1/connections/{id}/check` and what it proves, or what cannot be checked. */
  check: { exchange: Exchange<Record<string, never>, unknown>; proves: string } | { cannot: string };
  operations: { [K in OperationKind]: Declared<K> };
  /** Typed calls under `/v1/x/{provider}/…`, by name. */
  extensions?: Record<string, Extension>;
  /** How an end user's token is obtained; absent = the provider has no such tokens. */
  consent?: Consent<Settings>;
}

/** Declares an adapter; every canonical operation must answer, or it does not compile. */
export const defineAdapter = <Credentials, Settings>(
  adapter: Adapter<Credentials, Settings>,
): Adapter<Credentials, Settings> => adapter;
