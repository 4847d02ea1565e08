import type { RetryClass } from '#canonical';
import type { Kind } from '#outbound';
import type { Way } from './expected.js';
import type { Stage } from './stage.js';

/** A write of a provider under test: its declared behaviour, and how to make it. */
export interface WriteCall {
  provider: string;
  /** Its exchange in the adapter. */
  exchange: string;
  /** Distinguishes variants of an exchange with other settings or another request. */
  variant?: string;
  /** Written here by hand, not read from the adapter, so that a difference shows. */
  retryClass: RetryClass;
  way: Way;
  settings?: Record<string, unknown>;
  /** Its request among those of the operation, by `METHOD path?query`. */
  wire: RegExp;
  /** JSON pointer of a field without which its answer is unusable. */
  needs?: string;
  /** It reads before it writes. */
  steps?: true;
  /** No call can reconcile it. */
  blind?: true;
  /** Nothing shows what a 429 left behind, and a repeat might do it again. */
  endsWith429?: true;
  /** The connection accepts weak evidence. */
  acceptsWeak?: boolean;
  /** Prepares the state, and returns the request. */
  arrange(stage: Stage): Promise<Asked>;
}

export interface Asked {
  kind: Kind;
  body: unknown;
  params?: Record<string, string>;
}
