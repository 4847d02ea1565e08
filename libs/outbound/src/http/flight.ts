import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { readWire } from '#adapter-kit';
import { DeadlinePassed, whyNotSent, whyUnanswered } from './sent.js';
import type { OutgoingRequest, Sent } from './sent.js';

/** One request on its way: knows how far it came, which decides what its failure means. */
export class Flight {
  /** Rejects when a deadline passes; on its own, since not every broken connection makes axios settle. */
  readonly overdue: Promise<never>;
  private readonly startedAt = performance.now();
  private readonly timers: NodeJS.Timeout[];
  private request?: ClientRequest;
  private connected = false;
  private writtenAt?: number;
  private over = false;

  constructor(
    private readonly asked: OutgoingRequest,
    connectTimeoutMs: number,
  ) {
    const { promise, reject } = withReject();
    const after = (ms: number, what: string): NodeJS.Timeout =>
      setTimeout(() => reject(new DeadlinePassed(`${what} within ${ms} ms.`)), ms);
    this.overdue = promise;
    this.timers = [
      after(connectTimeoutMs, 'No connection stood'),
      after(asked.timeoutMs, 'No whole answer came'),
    ];
  }

  /** Hands the request to Node and watches it; the transport that axios is given. */
  depart(options: RequestOptions, onAnswer: (message: IncomingMessage) => void): ClientRequest {
    if (this.over) throw new Error('too late to send');
    const secure = options.protocol === 'https:';
    const request = (secure ? https : http).request(options, onAnswer);
    request.once('socket', socket => {
      if (request.reusedSocket) this.stands();
      else socket.once(secure ? 'secureConnect' : 'connect', () => this.stands());
    });
    request.once('finish', () => this.written());
    return (this.request = request);
  }

  arrived(message: IncomingMessage, bytes: Buffer): Sent {
    const headers = flatten(message.headers);
    return {
      kind: 'answered',
      answer: readWire(message.statusCode ?? 0, headers, bytes),
      writtenAt: this.writtenAt ?? performance.now(),
      durationMs: this.age(),
      bytes: bytes.length,
      dateHeader: headers.date,
    };
  }

  failed(error: unknown): Sent {
    this.over = true;
    // At once, so that a silent or endless provider holds no socket and no memory.
    this.request?.destroy();
    const durationMs = this.age();
    if (!this.connected) return { kind: 'not-sent', reason: whyNotSent(error), durationMs };
    return { kind: 'unanswered', reason: whyUnanswered(error), writtenAt: this.writtenAt, durationMs };
  }

  end(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  // Node writes the request in the same turn, so from here on nobody can say that nothing was sent.
  private stands(): void {
    this.connected = true;
    clearTimeout(this.timers[0]);
  }

  // A handshake that fails ends the writes that wait for it as well: Node calls those finished, but they never left.
  private written(): void {
    if (!this.connected) return;
    this.writtenAt = performance.now();
    this.asked.onWritten?.(this.writtenAt);
  }

  private age(): number {
    return performance.now() - this.startedAt;
  }
}

const flatten = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, no) => (reject = no));
  // Raced in `send`; a deadline that passes after the race must not count as unhandled.
  promise.catch(() => undefined);
  return { promise, reject };
}
