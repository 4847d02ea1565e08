import type { OperationAsks, OperationKind, OperationResults, ReadKind, WriteKind } from '#canonical';
import type { Exchange, WireAnswer, WireRequest } from './exchange.js';
import type { Extension } from './extension.js';
import type { Reconcile, Steps } from './plan.js';
import type { HoldProbeAsk, HoldStanding } from './hold-probe.js';

/** A class whose decorators validate and document what it holds. */
export type ValidatedClass<T = any> = new () => T;

/** A provider's refusal, in its own terms. */
export interface ProviderRefusal {
  /** The provider's own code, or one that the adapter makes of its text; a key of the adapter's `errors`. */
  code: string;
  message?: string;
  /** Fields of OUR request that it named, as JSON pointers. */
  fields?: { pointer: string; detail: string }[];
  /** Members for the problem document. */
  extra?: { maxRedeemPoints?: string };
}

/** The ways to identify a customer; for each, an adapter answers `true` or the reason why not. */
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
  /** Tells whether a hold that an operation may have ended still stands; absent = it stays doubtful until its time. */
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
export interface Emulated {
  support: 'advisory';
  traits: CommonTraits;
}

/** The provider cannot perform the operation; callers are told the reason. */
export interface Unsupported {
  support: 'no';
  reason: string;
  /** An alternative, if there is one. */
  alternative?: string;
}

/** An adapter's answer for one operation. */
export type Answer<K extends OperationKind = OperationKind> = Supported<K> | Emulated | Unsupported;

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
export const advisory = (traits: CommonTraits): Emulated => ({ support: 'advisory', traits });

/** "No" with its reason: a full sentence that tells the caller why, and what to do instead. */
export const unsupported = (reason: string, alternative?: string): Unsupported => ({
  support: 'no',
  reason,
  ...(alternative ? { alternative } : {}),
});

/** How an end user is asked for their consent in a browser popup, where a provider has that. */
export interface Consent<Settings = any> {
  /** What the popup opens; `state` comes back in its message. */
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
  /** The provider's account that the credentials belong to, where they name it. */
  account?(credentials: Credentials): string;
  /** The default; `undefined` = every connection must name its own. */
  baseUrl?: string;
  /** The path that all calls share, e.g. `/api`: a base URL that was given together with it is cut before it. */
  sharedPath?: string;
  rateLimit: { requests: number; perMs: number };
  /** Authenticates a request with headers, query or form fields, which the gateway adds just before sending and never logs. */
  authenticate(
    credentials: Credentials,
    settings: Settings,
    request: WireRequest,
  ): { headers?: Record<string, string>; query?: Record<string, string>; form?: Record<string, string> };
  /** Finds the provider's refusal wherever it hides it (also inside a 200); `undefined` = it did not refuse. Throws `Unreadable` for an answer that refuses and tells an effect at once: neither is proven. */
  refusal(answer: WireAnswer, exchange: Exchange): ProviderRefusal | undefined;
  /** Provider code → canonical error code; a code that is missing here becomes `provider-rejected`. */
  errors: Record<string, string>;
  /** A harmless call for `POST /v1/connections/{id}/check` and what it proves, or what cannot be checked. */
  check: { exchange: Exchange<Record<string, never>, unknown>; proves: string } | { cannot: string };
  operations: { [K in OperationKind]: Answer<K> };
  /** Typed calls under `/v1/x/{provider}/…`, by name. */
  extensions?: Record<string, Extension>;
  /** How an end user's token is obtained; absent = the provider has no such tokens. */
  consent?: Consent<Settings>;
}

/** Declares an adapter; every canonical operation must answer, or it does not compile. */
export const defineAdapter = <Credentials, Settings>(
  adapter: Adapter<Credentials, Settings>,
): Adapter<Credentials, Settings> => adapter;

/** Read kinds and write kinds, for callers that split on them. */
export type { ReadKind, WriteKind };
