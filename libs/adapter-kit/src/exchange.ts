import type { ErrorCode, RetryClass } from '#canonical';

/** A request as an adapter builds it: no host, no credentials; the gateway adds both and sends it. */
export interface WireRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the connection's base URL, already percent-encoded, starting with `/` (or empty). */
  path: string;
  /** Encoded strictly (`+` as `%2B`); undefined values are left out. */
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  /** A JSON body; exclusive with `form`. */
  json?: unknown;
  /** A form body (`application/x-www-form-urlencoded`). */
  form?: Record<string, string | undefined>;
  /** The authentication scheme of this call, if the adapter has more than one. */
  scheme?: string;
  /** A token that belongs to this call alone (an end user's); sent as a Bearer token, never logged. */
  bearer?: string;
}

/** An answer as received: status, lower-case headers, and the body both parsed (JSON without loss of digits, XML as objects) and as text. */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON or XML; `undefined` when there is no body or it is neither. Numbers that a double cannot hold stay strings. */
  body: unknown;
  text: string;
  /** The actual format of the text, whatever the header says. */
  format: 'json' | 'xml' | 'html' | 'text' | 'empty';
}

/** What an exchange may use besides its input; passed in to keep adapters pure. */
export interface Context<Settings = Record<string, unknown>> {
  settings: Settings;
  /** For a plan, when it began; for each of its exchanges, when that one began: a plan may take a while, and ask the same twice. */
  now: Date;
  /** Our operation's id; absent for reads. */
  operationId?: string;
  /** A UUID created once per operation and stored before the first send: the same on every attempt. */
  nonce?: string;
  /** An earlier request of this operation may have had its effect, so a "not found" may be a consequence of it. */
  repeated?: boolean;
  /** When the first of those requests was sent, or the first that was answered with a 429 in doubt (`doubts429`). */
  firstSentAt?: Date;
  /** The language of texts that the provider can localise. */
  language?: 'ru' | 'en';
}

/** One request to a provider and the reading of its answer. */
export interface Exchange<Ask = any, Result = any> {
  /** Unique within the adapter; the name in the provider-call log and the journal. */
  name: string;
  /** The call in the provider's documentation: `POST /operations`. */
  call: string;
  /** A function if it depends on the connection's settings (a keyed call whose key may not be sent); read it with `retryClassOf`. */
  retryClass: RetryClass | ((settings: any) => RetryClass);
  /** How long the answer may be cached for equal requests of one connection, in seconds; reads only. */
  cacheSeconds?: number;
  /** Whether an answer is worth keeping for that long; each one is unless told. */
  keeps?(result: Result): boolean;
  /** HTTP statuses outside 2xx that `read` understands (304, a 404 that means "already gone"). */
  accepts?: readonly number[];
  /** A 429 does not prove that nothing was done: what stands in front of the provider may have passed the request on. Its plan sees `firstSentAt` the next time. Unless the call is safe to repeat, it looks before it sends again, and a refusal of the repeat proves nothing. */
  doubts429?: true;
  /** Provider codes whose meaning in this call differs from the adapter's table. */
  errors?: Record<string, ErrorCode>;
  request(ask: Ask, context: Context<any>): WireRequest;
  /** Turns the answer into canonical data; throws `Unreadable` if a required field is missing or has the wrong type. */
  read(answer: WireAnswer, ask: Ask, context: Context<any>): Result;
}

/** Declares an exchange; exists so that its types are checked at the declaration. */
export const defineExchange = <Ask, Result>(exchange: Exchange<Ask, Result>): Exchange<Ask, Result> =>
  exchange;

/** The retry class of a call at one connection. */
export const retryClassOf = ({ retryClass }: Exchange, settings: unknown): RetryClass =>
  typeof retryClass === 'function' ? retryClass(settings) : retryClass;

/** A 2xx answer without a required field: a contract violation for a read, an unknown outcome for a write. */
export class Unreadable extends Error {
  constructor(
    /** JSON pointer of the field, or '' for the whole body. */
    readonly pointer: string,
    detail: string,
  ) {
    super(`${pointer || 'body'}: ${detail}`);
    this.name = 'Unreadable';
  }
}

/** An answer in which the provider reports a failure of its own, whatever its status: it proves as little as a 5xx, and passes like one. */
export class Trouble extends Unreadable {
  constructor() {
    super('', 'reports a failure of the provider itself');
  }
}

/** No trustworthy answer came: the request may have been carried out. Thrown into the plan that sent it. */
export class Unanswered extends Error {
  constructor(
    readonly reason: string,
    readonly why: WhyUnanswered = {},
  ) {
    super(reason);
    this.name = 'Unanswered';
  }
}

/** What is known of an answer that proves nothing. */
export interface WhyUnanswered {
  /** A complete answer came, but it contradicts the provider's documentation. */
  unreadable?: boolean;
  /** The answer is larger than the limit: a narrower request may succeed. */
  tooLarge?: boolean;
  /** The request's time was over. */
  overdue?: boolean;
  /** The status of the answer that came. */
  status?: number;
  /** It is the page by which the provider's own server says that it does not have this call. */
  noCall?: boolean;
}
