import type { RetryClass } from '#canonical';
import type { Kind } from '#outbound';
import type { Way } from './expected.js';
import type { Stage } from './stage.js';

/** A write of a provider that is broken in every way: what the design says of it, and how it comes about. */
export interface WriteCall {
  provider: string;
  /** Its exchange in the adapter. */
  exchange: string;
  /** Where one exchange is played under other settings or with another ask. */
  variant?: string;
  /** By the design's table of calls, not by the adapter: one of both being wrong must show. */
  retryClass: RetryClass;
  way: Way;
  settings?: Record<string, unknown>;
  /** Its request among those of the operation, by `METHOD path?query`. */
  wire: RegExp;
  /** JSON pointer of a field without which its answer says nothing. */
  needs?: string;
  /** It reads before it writes. */
  steps?: true;
  /** No call can tell what became of it. */
  blind?: true;
  /** Weak evidence is accepted at this connection. */
  acceptsWeak?: boolean;
  /** Brings about what must stand before, and gives what is asked. */
  arrange(stage: Stage): Promise<Asked>;
}

export interface Asked {
  kind: Kind;
  body: unknown;
  params?: Record<string, string>;
}
