import type { LookupAddress } from 'node:dns';

/** All addresses of a name; rejects when there are none. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** How many names may be looked up at once, and how long a caller waits for its own. */
export interface Narrows {
  atOnce: number;
  withinMs: number;
}

/** A look-up did not end in time; it may still be running. */
export class LookupOverdue extends Error {
  readonly code = 'ETIMEOUT';
}

/** Whoever asks for a name that is being looked up gets that answer: a look-up takes a thread of the process, and one whose name server is silent keeps it for many seconds. */
export function shared(resolve: Resolve): Resolve {
  const running = new Map<string, Promise<LookupAddress[]>>();
  return host => {
    const known = running.get(host);
    if (known) return known;
    const look = resolve(host).finally(() => running.delete(host));
    running.set(host, look);
    return look;
  };
}

/** Lets few names be looked up at once, so that names which somebody else chose leave threads for the rest; who joins a look-up of theirs takes none. Rejects with `LookupOverdue`. */
export function narrow(resolve: Resolve, { atOnce, withinMs }: Narrows): Resolve {
  const running = new Map<string, Promise<LookupAddress[]>>();
  const waiting = new Map<() => void, string>();
  const fits = (host: string) => running.has(host) || running.size < atOnce;
  const leave = (host: string) => {
    running.delete(host);
    for (const [begin, next] of waiting) if (fits(next)) begin();
  };
  const join = (host: string) => {
    // Its callers may give up meanwhile, the look-up cannot: it keeps its place to its end.
    const look = running.get(host) ?? resolve(host).finally(() => leave(host));
    running.set(host, look);
    return look;
  };
  return host =>
    new Promise((settle, reject) => {
      const begin = () => {
        waiting.delete(begin);
        void join(host)
          .then(settle, reject)
          .finally(() => clearTimeout(late));
      };
      const late = setTimeout(() => {
        waiting.delete(begin);
        reject(new LookupOverdue());
      }, withinMs);
      if (fits(host)) begin();
      else waiting.set(begin, host);
    });
}
