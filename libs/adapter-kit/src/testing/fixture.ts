import type { WireRequest } from '../exchange.js';

/** A recorded exchange, checked in both directions by the contract suite: input → request, answer → result (or refusal, or unanswered). Dates are RFC 3339 texts. */
export interface Fixture {
  /** What happened and why the fixture is kept; for an incident, its history. */
  description: string;
  /** The source of the answer: `doc`, `vendor`, `client`, `server source`, `inferred`. */
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
  /** The expected interpretation: exactly one of these four. */
  result?: unknown;
  refusal?: { code: string; providerCode?: string; extra?: Record<string, unknown> };
  unanswered?: true;
  /** Refused because of the rate limit (429), before execution. */
  throttled?: true;
  /** A fresh simulator answers this request with an answer that the adapter reads as done. */
  conform?: true;
  /** With `conform`: dialects of the simulator that refuse this request, each with our code of the refusal. */
  refusedIn?: Record<string, string>;
}
