/** A request as a simulator sees it. */
export interface SimulatedRequest {
  method: string;
  /** Relative to the connection's base URL: without the mount, `basePath` and query; still percent-encoded. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  /** The simulator's clock (moved by `/__sim/clock`). */
  now: Date;
}

/** A simulator's answer; a body that is not a string is sent as JSON. */
export interface SimulatedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** The change of the ledger, recorded in the journal. Absent for reads and refusals. */
  effect?: Effect;
}

/** One change of a provider's ledger, as counted by the journal. */
export interface Effect {
  /** `purchase`, `refund`, `hold`, `release`, `payout`, `lead`, `conversion`, `customer`, `adjustment`, `link`, or a provider's own word. */
  type: string;
  /** What identifies it (receipt number, order id, …), to count effects per intent. */
  key?: string;
  /** The provider's id of the created object. */
  id?: string;
  /** Amounts as decimal texts, and other facts. */
  data?: Record<string, unknown>;
}

/** A simulated provider: a ledger with the rules, limits and refusals of the real one. Deterministic: time comes with each request. */
export interface Simulator {
  /** Answers one request and changes the ledger; it decides and commits in one synchronous call. */
  handle(request: SimulatedRequest): SimulatedAnswer;
  /** The ledger for a person to look at in `/__sim/state`. */
  state(): unknown;
}

/** The data of a fresh simulator for the scenarios that all providers share; each part is required if the adapter supports the operation that needs it. */
export interface Cast {
  /** A customer with at least 100 points, by what they show at the till. */
  buyer?: { type: string; value: string };
  /** A customer whose balance is money. */
  account?: { type: string; value: string };
  /** A body of `POST /v1/customers` that is accepted. */
  newCustomer?: Record<string, unknown>;
  /** A body of `POST /v1/referral/payouts` that is accepted. */
  payout?: { methodId: string; account: string };
}

/** How a provider's simulator is created, and its address. */
export interface SimulatorFactory<Options = any> {
  /** The provider's name; also the first path segment under which the sandbox serves it. */
  provider: string;
  /** The path after the provider's name in the sandbox base URL, `http://host:port/{provider}{basePath}`: `/partner/v2`. */
  basePath: string;
  /** Credentials and settings of the demo connection that the simulator accepts. */
  demo: { credentials: Record<string, string>; settings: Record<string, unknown> };
  cast?: Cast;
  /** Headers and query parameters, in lower case, that say whose call it is: the first that a call has is its credential. */
  credentialIn: readonly string[];
  /** The provider's answer over its rate, where its form is known; otherwise a usual 429. */
  tooManyRequests?: SimulatedAnswer;
  /** Interpretations of what the provider's documentation leaves open, by name: the contract suite and the shared scenarios run in each. */
  dialects?: Readonly<Record<string, Options>>;
  /**
   * Dialects and numbers that a run may choose; every one has a default. The provider's ids are counted from `firstNumber`
   * (0) on, so that a new ledger does not reuse ids of an older one.
   */
  create(options?: Options, firstNumber?: number): Simulator;
}

/** The options of each dialect, by name; all tests must pass in each. */
export const dialectsOf = ({ dialects }: SimulatorFactory): Readonly<Record<string, unknown>> =>
  dialects ?? { usual: {} };

/** Declares a simulator; exists so that its types are checked at the declaration. */
export const defineSimulator = <Options>(factory: SimulatorFactory<Options>): SimulatorFactory<Options> =>
  factory;
