import { forward } from './forward.js';
import { startServer } from './server.js';

/** A proxy that can lose requests, or the answers to them. */
export interface LossyProxy {
  url: string;
  /** The answers to the next `count` POSTs are lost, or the requests themselves before they arrive. */
  lose(what: 'answer' | 'request', count: number): void;
  /** Every request received, as `POST /v1/purchases`, including lost ones. */
  requests: string[];
  /** Their Idempotency-Keys, in order. */
  keys: string[];
  close(): Promise<void>;
}

/** Starts the proxy in front of a server. */
export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const requests: string[] = [];
  const keys: string[] = [];
  let losing: { what: 'answer' | 'request'; count: number } = { what: 'answer', count: 0 };
  const server = await startServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    requests.push(`${method} ${url}`);
    if (typeof headers['idempotency-key'] === 'string') keys.push(headers['idempotency-key']);
    const lost = method === 'POST' && losing.count > 0 ? losing.what : undefined;
    if (lost) losing.count--;
    if (lost === 'request') return void request.socket.destroy();
    void forward(target, request).then(
      answer => {
        if (lost) return void request.socket.destroy();
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.body);
      },
      () => request.socket.destroy(),
    );
  });
  return {
    ...server,
    requests,
    keys,
    lose: (what, count) => (losing = { what, count }),
  };
}
