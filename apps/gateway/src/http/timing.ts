import type { Lane, Timing } from '#outbound';

/** Where one request's time went, and in which lane; the outbound library adds to it, `Server-Timing` and `RateLimit` tell it. */
export class RequestTiming implements Timing {
  /** The lane of the request's connection, if it opened one. */
  lane?: Lane;
  /** What that lane had left when the request last got a start in it. */
  laneLeft?: number;
  readonly #ms = { queue: 0, provider: 0 };
  readonly #arrivedAt = performance.now();

  entered(lane: Lane, left: number): void {
    this.lane = lane;
    this.laneLeft = left;
  }

  /** The request uses a connection with this lane, whether or not it gets a start there. */
  uses(lane: Lane): void {
    this.lane = lane;
  }

  add(part: 'queue' | 'provider', ms: number): void {
    this.#ms[part] += ms;
  }

  /** What is left now of a wait of `waitMs` that began when the request came in; never 0 of more than 0, which would mean not to wait at all. */
  leftOf(waitMs: number): number {
    return waitMs === 0 ? 0 : Math.max(1, waitMs - (performance.now() - this.#arrivedAt));
  }

  /** The `Server-Timing` header after `totalMs`: what is neither queue nor provider was the gateway. */
  header(totalMs: number): string {
    const { queue, provider } = this.#ms;
    const gateway = Math.max(0, totalMs - queue - provider);
    return `gateway;dur=${gateway.toFixed(1)}, queue;dur=${queue.toFixed(1)}, provider;dur=${provider.toFixed(1)}`;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    timing: RequestTiming;
  }
}
