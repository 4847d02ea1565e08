import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Workers } from '#outbound';
import { METRICS_TYPE } from '../../gateway/src/metrics/process-metrics.js';
import type { StoresWatch } from '../../gateway/src/stores-watch.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** A sweep is due every three seconds: a worker whose last one ended longer ago, in milliseconds, does not keep up. */
const SWEPT_WITHIN_MS = 60_000;

/** The sources of the worker's port. */
export interface Shown {
  stores: StoresWatch;
  metrics: WorkerMetrics;
  operations: Pick<Workers, 'sweptAt'>;
  /** Postgres's clock, by which sweeps are dated: this host's may be minutes off. */
  now(): Date;
  /** Aborted when the stop begins. */
  stopping: AbortSignal;
}

/** The worker's port for operators: /healthz, /readyz and /metrics, as in the gateway. */
export class Face {
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  #shown: Shown | undefined;

  /** Rejects when the port cannot be listened on. */
  async open(port: number, host: string): Promise<void> {
    await once(this.#server.listen(port, host), 'listening');
  }

  /** The worker is started: from now on it can be ready. */
  show(shown: Shown): void {
    this.#shown = shown;
  }

  close(): void {
    this.#server.close().closeAllConnections();
  }

  async #answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = url.split('?');
    if (path === '/healthz') return tell(response, 200, { status: 'ok' });
    if (path === '/readyz') return this.#tellReady(response);
    if (path !== '/metrics')
      return tell(response, 404, { detail: 'The paths here are /healthz, /readyz and /metrics.' });
    if (!this.#shown) return tell(response, 503, { detail: STARTING });
    const text = await this.#shown.metrics.read();
    response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text);
  }

  async #tellReady(response: ServerResponse): Promise<void> {
    const why = await this.#whyNotReady();
    if (why) return tell(response, 503, { detail: why });
    tell(response, 200, { status: 'ok' });
  }

  async #whyNotReady(): Promise<string | undefined> {
    if (!this.#shown) return STARTING;
    const { stores, operations, now, stopping } = this.#shown;
    const away = await stores.look();
    if (stopping.aborted) return 'Not ready: the worker is shutting down.';
    if (away !== '') return `Not ready: ${away} cannot be used.`;
    const agoMs = now().getTime() - operations.sweptAt;
    return agoMs > SWEPT_WITHIN_MS
      ? `Not ready: its last sweep ended ${Math.round(agoMs / 1000)} s ago.`
      : undefined;
  }
}

const STARTING = 'Not ready: the worker is starting.';

function tell(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
