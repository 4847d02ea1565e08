import type { LookupAddress } from 'node:dns';

/** All addresses of a name; rejects when there are none. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** How many look-ups may run at once, and how long a caller waits for its own. */
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

/** Lets few look-ups run at once, so that names which somebody else chose leave threads for the rest. Rejects with `LookupOverdue`. */
export function narrow(resolve: Resolve, { atOnce, withinMs }: Narrows): Resolve {
  const waiting = new Set<() => void>();
  let running = 0;
  const leave = () => {
    running--;
    const [next] = waiting;
    next?.();
  };
  return host =>
    new Promise((settle, reject) => {
      const begin = () => {
        waiting.delete(begin);
        running++;
        // The caller may give up meanwhile, the look-up cannot: it keeps its place to its end.
        void resolve(host)
          .then(settle, reject)
          .finally(() => (clearTimeout(late), leave()));
      };
      const late = setTimeout(() => {
        waiting.delete(begin);
        reject(new LookupOverdue());
      }, withinMs).unref();
      if (running < atOnce) begin();
      else waiting.add(begin);
    });
}
