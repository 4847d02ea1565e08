/** A provider's limit: request starts allowed in every sliding window. */
export interface RateLimit {
  requests: number;
  perMs: number;
}

/** How one credential used its provider. */
export interface RateUse {
  provider: string;
  credential: string;
  calls: number;
  /** Answered with 429 because of the limit. */
  refused: number;
  /** The most starts in any window (of 1,000 ms, or the provider's own); refused starts count too. */
  worstWindow: number;
  /** The shortest time, in milliseconds, in which one start more than the limit came; above `perMs` = the limit was kept. */
  tightestMs?: number;
  /** First and last start, in real milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
}

interface Log extends RateUse {
  recent: number[];
  allowed: number[];
}

/** The limit that is measured, but not enforced, for providers without a declared one. */
export const USUAL: RateLimit = { requests: 5, perMs: 1_000 };

/** Which providers enforce a limit: `true` = 5 a second, `false` = only recorded. */
export type RateChoice = Record<string, boolean | RateLimit>;

/** The limits in force: Recreativ's, which is documented, and those that were chosen. */
export function limitsOf(choice: RateChoice = {}): Record<string, RateLimit> {
  const chosen = Object.entries({ recreativ: true, ...choice }).flatMap(([provider, limit]) =>
    limit === false ? [] : [[provider, limit === true ? USUAL : limit] as const],
  );
  return Object.fromEntries(chosen);
}

/** Records every start per credential and enforces the declared limits. */
export class RateLimiter {
  readonly #logs = new Map<string, Log>();

  /** `limits` has an entry for each provider whose limit is enforced. */
  constructor(public limits: Record<string, RateLimit>) {}

  /** Records a start; false = over the limit, to be answered with 429. */
  start(provider: string, credential: string, nowMs: number): boolean {
    const limit = this.limits[provider];
    const log = this.#log(provider, credential, nowMs);
    measure(log, limit ?? USUAL, nowMs);
    if (!limit) return true;
    log.allowed = log.allowed.filter(start => start > nowMs - limit.perMs);
    const allowed = log.allowed.length < limit.requests;
    if (allowed) log.allowed.push(nowMs);
    else log.refused += 1;
    return allowed;
  }

  list(provider?: string): RateUse[] {
    const logs = [...this.#logs.values()].filter(log => !provider || log.provider === provider);
    return logs.map(({ recent: _, allowed: __, ...use }) => use);
  }

  clear(provider?: string): void {
    for (const [key, log] of this.#logs) if (!provider || log.provider === provider) this.#logs.delete(key);
  }

  #log(provider: string, credential: string, nowMs: number): Log {
    const key = `${provider} ${credential}`;
    const found = this.#logs.get(key);
    if (found) return found;
    const counts = { calls: 0, refused: 0, worstWindow: 0, firstMs: nowMs, lastMs: nowMs };
    const fresh: Log = { provider, credential, ...counts, recent: [], allowed: [] };
    this.#logs.set(key, fresh);
    return fresh;
  }
}

function measure(log: Log, { requests, perMs }: RateLimit, nowMs: number): void {
  log.calls += 1;
  log.lastMs = nowMs;
  // One start more than the limit is kept in any case: the tightest run may be longer than a window.
  while (log.recent.length > requests && log.recent[0]! <= nowMs - perMs) log.recent.shift();
  log.recent.push(nowMs);
  const inWindow = log.recent.length - log.recent.findIndex(start => start > nowMs - perMs);
  log.worstWindow = Math.max(log.worstWindow, inWindow);
  const first = log.recent.at(-1 - requests);
  if (first !== undefined) log.tightestMs = Math.min(log.tightestMs ?? Infinity, nowMs - first);
}
