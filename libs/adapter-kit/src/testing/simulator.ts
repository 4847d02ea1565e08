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

/** What a simulator answers; a body that is no string is sent as JSON. */
export interface SimulatedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** What really happened in the ledger: the journal's oracle. Absent for reads and refusals. */
  effect?: Effect;
}

/** One change of a provider's ledger: what the journal counts. */
export interface Effect {
  /** `purchase`, `refund`, `hold`, `release`, `payout`, `lead`, `conversion`, `customer`, `adjustment`, `link`, or a provider's own word. */
  type: string;
  /** What tells it apart (receipt number, order id, …), for counting effects per intent. */
  key?: string;
  /** The provider's id of what came into being. */
  id?: string;
  /** Amounts as decimal texts and other facts worth a look. */
  data?: Record<string, unknown>;
}

/** One provider played: a ledger with the rules, limits and refusals of the real one. Deterministic: time comes with each request. */
export interface Simulator {
  /** Answers one request and changes the ledger; it decides and commits in one synchronous call. */
  handle(request: SimulatedRequest): SimulatedAnswer;
  /** The ledger for a person to look at in `/__sim/state`. */
  state(): unknown;
}

/** Whom and what a fresh simulator knows: parts for the scenarios that all providers share; a part is needed where the adapter supports what it is for. */
export interface Cast {
  /** Somebody with at least 100 points, as shown at the till. */
  buyer?: { type: string; value: string };
  /** Somebody whose balance is money. */
  account?: { type: string; value: string };
  /** A body of `POST /v1/customers` that is accepted. */
  newCustomer?: Record<string, unknown>;
  /** A body of `POST /v1/referral/payouts` that is accepted. */
  payout?: { methodId: string; account: string };
}

/** How a provider's simulator is made and where it stands. */
export interface SimulatorFactory<Options = any> {
  /** The provider's name; also the first path segment under which the sandbox serves it. */
  provider: string;
  /** What follows the mount in the connection's base URL: `/partner/v2`; the sandbox base URL is `http://host:port/{provider}{basePath}`. */
  basePath: string;
  /** Credentials and settings of the demo connection that the simulator accepts. */
  demo: { credentials: Record<string, string>; settings: Record<string, unknown> };
  cast?: Cast;
  /** Readings of what the provider's document leaves open, by name: the contract suite and the shared scenarios run in each. */
  dialects?: Readonly<Record<string, Options>>;
  /**
   * Dialects and numbers that a run may choose; every one has a default. The ids that the provider itself gives are counted
   * from `firstNumber` (0) on: a ledger that begins afresh gives no id again that somebody still has.
   */
  create(options?: Options, firstNumber?: number): Simulator;
}

/** The options of each dialect in which everything must hold, by name. */
export const dialectsOf = ({ dialects }: SimulatorFactory): Readonly<Record<string, unknown>> =>
  dialects ?? { usual: {} };

/** Declares a simulator; exists so that its types are checked where it is written. */
export const defineSimulator = <Options>(factory: SimulatorFactory<Options>): SimulatorFactory<Options> =>
  factory;
