import type { WireRequest } from '../exchange.js';

/** A recorded exchange, read both ways by the contract suite: ask → request, answer → result (or refusal, or no belief). Dates are RFC 3339 texts. */
export interface Fixture {
  /** What happened and why it is worth keeping; an incident tells its story here. */
  description: string;
  /** Where the answer is known from: `doc`, `vendor`, `client`, `server source`, `inferred`. */
  source: string;
  /** The exchange's name. */
  exchange: string;
  ask: unknown;
  settings?: Record<string, unknown>;
  nonce?: string;
  operationId?: string;
  now?: string;
  /** The request that the adapter must build, exactly; absent when only the answer matters. */
  request?: WireRequest;
  answer: {
    status: number;
    headers?: Record<string, string>;
    /** JSON body; exclusive with `text`. */
    json?: unknown;
    text?: string;
  };
  /** Exactly one of these three is what the adapter must make of it. */
  result?: unknown;
  refusal?: { code: string; providerCode?: string; extra?: Record<string, unknown> };
  unanswered?: true;
  /** Instead of the three: the provider refused because of the rate (429), before executing. */
  throttled?: true;
  /** The fresh simulator, asked with this request, gives an answer that the adapter reads as done. */
  conform?: true;
  /** With `conform`: dialects of the simulator that refuse this request, each with our code of the refusal. */
  refusedIn?: Record<string, string>;
}
