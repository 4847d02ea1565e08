import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal, languageOf, toProblem } from '#canonical';
import { typeidUnboxed } from 'typeid-js';
import { KEY_HEADER } from '../compat-uds-v1/let-old-tills-in.js';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Answers invalid HTTP, which never reaches a route. */
export class Unreadable {
  readonly #open = new WeakMap<Socket, Set<Exchange>>();
  readonly #ending = new WeakSet<Socket>();

  /** Remembers which requests of a connection are not answered yet. */
  watch(server: Pick<Server, 'on'>): void {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const open = this.#open.get(socket) ?? new Set<Exchange>();
      const exchange = { request, response };
      this.#open.set(socket, open.add(exchange));
      response.once('close', () => open.delete(exchange));
    });
  }

  /** Sends the problem and closes the connection; for Node's `clientError`. */
  answer(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed || this.#ending.has(socket)) return;
    this.#ending.add(socket);
    const open = [...(this.#open.get(socket) ?? [])];
    const running = open.filter(({ request }) => request.complete).at(-1);
    // What came whole is being done, and its answer is awaited: a word about the bytes behind it would be taken for that answer.
    if (running) return void running.response.once('close', () => socket.destroySoon());
    if (socket.writable && !open.some(({ response }) => response.headersSent))
      socket.write(told(error, open.at(-1)?.request));
    socket.destroySoon();
  }
}

const HEADER_KIB = 16;
const OVERFLOW = 'HPE_HEADER_OVERFLOW';
/** HTTP has its own status for it. */
const TOO_MANY = { status: 431, title: 'The headers are too large' };

/** Why the request could not be read; undefined for slow senders, who are just disconnected, since their request may be a repeat. */
function refusalOf(code: string | undefined, request: IncomingMessage | undefined): Refusal | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return undefined;
  const [problem, detail] = code === OVERFLOW ? TOO_LONG : NOT_HTTP;
  if (!mayRepeat(request)) return new Refusal(problem, { detail });
  return new Refusal(problem, { detail: `${detail} ${NOT_LOOKED_UP}`, outcome: 'unknown' });
}

const TOO_LONG = [
  'payload-too-large',
  `The headers of a request may be at most ${HEADER_KIB} KiB in total.`,
] as const;
const NOT_HTTP = [
  'invalid-parameter',
  'The request is not valid HTTP. Check its first line, its headers (each once, no line breaks) and the length of its body.',
] as const;
const NOT_LOOKED_UP =
  'This request was not executed. It was not checked whether it repeats a write that was: repeat that one unchanged, with the same `Idempotency-Key`, to find out.';

/** Whether an earlier write may be repeated: one has a key, or comes from an old till. Of a head that could not be read nothing is known. */
function mayRepeat(request: IncomingMessage | undefined): boolean {
  if (!request) return true;
  const { method, headers } = request;
  return method !== 'GET' && [headers['idempotency-key'], headers[KEY_HEADER]].some(key => key !== undefined);
}

function told({ code }: NodeJS.ErrnoException, request: IncomingMessage | undefined): string {
  const refusal = refusalOf(code, request);
  if (!refusal) return 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  const requestId = typeidUnboxed();
  const language = languageOf(request?.headers['accept-language']);
  const problem = { ...toProblem(refusal, { requestId, language }), ...(code === OVERFLOW && TOO_MANY) };
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Language: ${language}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
