import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import { readWire } from '#adapter-kit';
import { DeadlinePassed, isOverdue, tooLargeStatus, whyNotSent, whyUnanswered } from './sent.js';
import type { OutgoingRequest, Sent } from './sent.js';

/** One request on its way: knows how far it came, which decides what its failure means. */
export class Flight {
  /** Rejects when a deadline passes; on its own, since not every broken connection makes axios settle. */
  readonly overdue: Promise<never>;
  private readonly startedAt = performance.now();
  private connectTimer?: NodeJS.Timeout;
  private answerTimer?: NodeJS.Timeout;
  private request?: ClientRequest;
  private connected = false;
  private writtenAt?: number;
  private over = false;

  constructor(
    private readonly outgoing: OutgoingRequest,
    connectTimeoutMs: number,
  ) {
    this.overdue = new Promise((_, reject) => {
      this.connectTimer = afterTurn(connectTimeoutMs, () => {
        if (!this.connected)
          reject(new DeadlinePassed(`No connection was established within ${connectTimeoutMs} ms.`));
      });
      this.answerTimer = afterTurn(outgoing.timeoutMs, () =>
        reject(new DeadlinePassed(`No complete answer arrived within ${outgoing.timeoutMs} ms.`)),
      );
    });
    // It is raced for; a deadline that passes after the race is nobody's.
    this.overdue.catch(() => undefined);
  }

  /** Hands the request to Node and watches it; the transport that axios is given. */
  depart(options: RequestOptions, onAnswer: (message: IncomingMessage) => void): ClientRequest {
    if (this.over) throw new Error('too late to send');
    const secure = options.protocol === 'https:';
    const request = (secure ? https : http).request(options, onAnswer);
    request.once('socket', socket => {
      if (request.reusedSocket) this.stands();
      else {
        socket.once('connect', () => this.opens());
        socket.once(secure ? 'secureConnect' : 'connect', () => this.stands());
      }
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
    const status = tooLargeStatus(error);
    const overdue = isOverdue(error) && { overdue: true as const };
    if (!this.connected) return { kind: 'not-sent', reason: whyNotSent(error), ...overdue, durationMs };
    return {
      kind: 'unanswered',
      reason: whyUnanswered(error),
      ...overdue,
      ...(status !== undefined && { tooLarge: true, status }),
      writtenAt: this.writtenAt,
      durationMs,
    };
  }

  end(): void {
    clearTimeout(this.connectTimer);
    clearTimeout(this.answerTimer);
  }

  // A process that was stopped on the way to its connection: whoever took the operation over must not meet its request.
  private opens(): void {
    if (this.age() > this.outgoing.timeoutMs)
      this.request?.destroy(
        new DeadlinePassed(`No connection was established within ${this.outgoing.timeoutMs} ms.`),
      );
  }

  // Node writes the request in the same turn, so from here on nobody can say that nothing was sent.
  private stands(): void {
    if (this.request?.destroyed) return;
    this.connected = true;
    clearTimeout(this.connectTimer);
  }

  // A handshake that fails ends the writes that wait for it as well: Node calls those finished, but they never left.
  private written(): void {
    if (!this.connected) return;
    this.writtenAt = performance.now();
    this.outgoing.onWritten?.(this.writtenAt, !this.request?.reusedSocket);
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

// A process that was busy sees its timers before its sockets: what had come by then must still count.
const afterTurn = (ms: number, act: () => void): NodeJS.Timeout => setTimeout(() => setImmediate(act), ms);
